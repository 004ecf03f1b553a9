"""The rules of the house, each a function over parsed modules that yields what breaks it."""

import ast
import re
from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

from blueprints import ROOMS

ROOT = Path(__file__).resolve().parent.parent
Tree = Mapping[str, ast.Module]

LAYERS = {"models": 0, "events": 0, "queries": 1, "forms": 3, "listeners": 4, "views": 5, "commands": 5}
ACTION, EDGE = 2, 5
EDGE_NAMES = {"request", "session", "flash", "redirect", "abort", "current_user"}
HEAVY = {
    "blueprints.articles.developing._pillow",
    "blueprints.auth.passkeys._webauthn",
    "blueprints.captcha.drawing._painter",
    "blueprints.captcha.drawing._pillow",
    "blueprints.captcha.proof_of_work._altcha",
    "blueprints.search.words._opencc",
    "blueprints.feeds.drawing._painter",
    "core.text._confusables",
}
SLOW = {
    "hash_password",
    "is_password",
    "check_password",
    "render_article",
    "render_comment",
    "html_of",
    "developed",
    "rendered",
    "rendered_anew",
    "picture_of",
    "sound_of",
}
WRITES = {"insert", "update", "delete"}


def parsed(root: Path = ROOT) -> Tree:
    """Return our own modules by dotted name."""
    files = [root / "app.py", *sorted((root / "core").rglob("*.py")), *sorted((root / "blueprints").rglob("*.py"))]
    names = {path: ".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__") for path in files}
    return {names[path]: ast.parse(path.read_text(encoding="utf-8")) for path in files}


def room(module: str) -> str | None:
    parts = module.split(".")
    return parts[1] if parts[0] == "blueprints" and len(parts) > 1 else None


def layer(module: str) -> int:
    """Return the layer of `views`, and of `account_views` where a room has several."""
    return LAYERS.get(re.split(r"[._]", module)[-1], ACTION)


def imports(tree: Tree, module: str) -> Iterator[str]:
    """Yield our own modules that this one imports, wherever in it."""
    for node in ast.walk(tree[module]):
        if isinstance(node, ast.Import):
            found = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            found = [f"{node.module}.{alias.name}" for alias in node.names] + [str(node.module)]
        else:
            continue
        yield from (name for name in found if name in tree and name != module and name != "blueprints")


def wrong_directions(tree: Tree) -> Iterator[str]:
    """A module imports its own layer and lower ones, from its own and earlier rooms; only the edge looks upstairs."""
    for module in tree:
        for other in imports(tree, module):
            here, there = room(module), room(other)
            if other == "app":
                yield f"{module} imports the front door"
            elif module.startswith("core") and not other.startswith("core"):
                yield f"{module} is on the ground floor and imports {other}"
            elif here and there and layer(other) > layer(module):
                yield f"{module} imports {other}, a layer above it"
            elif here and there and ROOMS.index(there) > ROOMS.index(here) and layer(module) != EDGE:
                yield f"{module} imports {other}, a room above it"
            elif here and there and layer(module) == layer(other) == EDGE:
                yield f"{module} imports {other}, another door"


def circles(tree: Tree) -> Iterator[str]:
    """No module imports itself by way of others."""
    try:
        TopologicalSorter({module: set(imports(tree, module)) for module in tree}).prepare()
    except CycleError as circle:
        yield " → ".join(circle.args[1])


def edge_names_below_the_edge(tree: Tree) -> Iterator[str]:
    """What belongs to one HTTP request is known at the edge only."""
    for module in tree:
        if room(module) and layer(module) != EDGE and module not in ("blueprints.auth.login", "blueprints.auth.doors"):
            for node in ast.walk(tree[module]):
                if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in ("flask", "flask_login"):
                    yield from (f"{module} uses {alias.name}" for alias in node.names if alias.name in EDGE_NAMES)


def foreign_writes(tree: Tree) -> Iterator[str]:
    """A table is written only by its own room."""
    for module in tree:
        foreign = {
            alias.asname or alias.name
            for node in ast.walk(tree[module])
            if isinstance(node, ast.ImportFrom)
            and (node.module or "").endswith(".models")
            and room(str(node.module)) != room(module)
            for alias in node.names
        }
        for node in ast.walk(tree[module]):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                made = node.func.id in foreign and node.func.id[0].isupper() and bool(node.keywords)
                changed = (
                    node.func.id in WRITES
                    and node.args
                    and isinstance(node.args[0], ast.Name)
                    and node.args[0].id in foreign
                )
                if made or changed:
                    yield f"{module}:{node.lineno} writes a table of another room"


def commits_below_the_edge(tree: Tree) -> Iterator[str]:
    """The edge commits; the worker of letters is the one exception."""
    for module in tree:
        if (room(module) and layer(module) == EDGE) or module == "core.jobs":
            continue
        for node in ast.walk(tree[module]):
            if isinstance(node, ast.Attribute) and node.attr == "commit":
                yield f"{module}:{node.lineno} commits"


def imports_inside_functions(tree: Tree) -> Iterator[str]:
    """Only heavy packages are imported late, each in the one function that names it."""
    for module in tree:
        for function in (node for node in ast.walk(tree[module]) if isinstance(node, ast.FunctionDef)):
            late = any(isinstance(node, ast.Import | ast.ImportFrom) for node in ast.walk(function))
            if late and f"{module}.{function.name}" not in HEAVY:
                yield f"{module}.{function.name} imports inside"


def slow_work_while_writing(tree: Tree) -> Iterator[str]:
    """Hashing, rendering and drawing are done before the write transaction begins."""
    for module in tree:
        for block in (node for node in ast.walk(tree[module]) if isinstance(node, ast.With)):
            opened = [item.context_expr.func for item in block.items if isinstance(item.context_expr, ast.Call)]
            if any(isinstance(function, ast.Name) and function.id == "writing" for function in opened):
                calls = [node.func for inner in block.body for node in ast.walk(inner) if isinstance(node, ast.Call)]
                yield from (
                    f"{module}: {call.id} while writing"
                    for call in calls
                    if isinstance(call, ast.Name) and call.id in SLOW
                )


RULES = (
    wrong_directions,
    circles,
    edge_names_below_the_edge,
    foreign_writes,
    commits_below_the_edge,
    imports_inside_functions,
    slow_work_while_writing,
)
