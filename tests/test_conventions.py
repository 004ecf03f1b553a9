"""What the project promises of itself: settings documented, classes defined, sentences translated, pages tested, files short."""

import ast
import functools
import io
import re
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from flask import Flask

from core.config import OPTIONS, PREFIX
from tests.architecture import layer

ROOT = Path(__file__).resolve().parent.parent
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
SCRIPTS = sorted((ROOT / "static" / "js").rglob("*.js"))
SHEETS = sorted((ROOT / "static" / "css").rglob("*.css"))
MODULES = [
    ROOT / "app.py",
    ROOT / "run.py",
    *sorted((ROOT / "core").rglob("*.py")),
    *sorted((ROOT / "blueprints").rglob("*.py")),
]
CATALOGUE = ROOT / "translations" / "en" / "LC_MESSAGES" / "messages.po"


def text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", OPTIONS)
def test_every_setting_is_documented(name):
    assert f"`{PREFIX}{name.upper()}`" in text(ROOT / "docs" / "operating.md")


def classes_in(path: Path) -> set[str]:
    """Return the classes in a template or a script; what Jinja puts together is given in full there, too."""
    source = text(path)
    if path.suffix == ".js":
        return set(" ".join(re.findall(r'class(?:Name)? = "([\w -]+)"', source)).split())
    values = " ".join(re.findall(r'class_?="((?:[^"{]|\{\{.*?\}\}|\{%.*?%\})*)"', source))
    plain = re.sub(r"\{\{(.*?)\}\}", lambda found: " ".join(re.findall(r'"([^"]*)"', found[1])), values)
    blocks = " ".join(re.findall(r"block main_class %\}\s*([\w -]+?)\s*\{%", source))
    return set(re.sub(r"\{%.*?%\}", " ", plain).split()) | set(blocks.split())


def classes_of(sheets: list[Path]) -> set[str]:
    """Return the classes that have a rule."""
    sheet = re.sub(r"/\*.*?\*/", "", "\n".join(map(text, sheets)), flags=re.DOTALL)
    return set(re.findall(r"\.([a-z][\w-]*)", re.sub(r"\{[^{}]*\}", "{}", sheet)))


def test_every_class_used_is_defined_and_every_defined_one_is_used():
    used = {name for path in [*TEMPLATES, *SCRIPTS] for name in classes_in(path)}
    defined = classes_of(SHEETS)

    assert used - defined == set()
    assert defined - used == set()


def test_a_class_of_the_desk_is_on_no_page_that_does_not_load_its_sheet():
    only = classes_of(SHEETS) - classes_of([path for path in SHEETS if path.parent.name != "desk"])
    pages = [path for path in TEMPLATES if not path.name.startswith("_") and '"_desk.html"' not in text(path)]
    foreign = [path for path in TEMPLATES if path.parent.name not in ("moderation", "admin", "write")]

    assert {(path.name, name) for path in {*pages, *foreign} for name in classes_in(path) & only} == set()


def test_the_sheet_is_plain_and_every_colour_a_token():
    for path in SHEETS:
        sheet = re.sub(r"/\*.*?\*/", "", text(path), flags=re.DOTALL)
        assert not re.search(r"!important|letter-spacing|@layer|light-dark\(|@import|url\(", sheet), path.name
        if path.stem not in ("tokens", "print"):
            assert not re.search(r"#[0-9a-fA-F]{3,8}\b|rgba?\(", sheet), path.name


def test_every_sentence_is_translated_and_the_catalogue_is_fresh():
    with (ROOT / "translations" / "babel.cfg").open() as mapping:
        methods, options = parse_mapping_cfg(mapping)
    keywords = {"_": None, "_l": None, "gettext": None, "ngettext": (1, 2), "pgettext": ((1, "c"), 2)}

    def ours(folder):
        return Path(folder).name not in (".venv", "instance", "tests", ".git")

    found = {
        (context, message[0] if isinstance(message, tuple) else message)
        for _path, _line, message, _comments, context in extract_from_dir(
            ROOT, methods, options, keywords, directory_filter=ours
        )
    }
    with CATALOGUE.open("rb") as file:
        catalogue = read_po(file, locale="en")
    known = {
        (entry.context, entry.id[0] if isinstance(entry.id, tuple) else entry.id): entry
        for entry in catalogue
        if entry.id
    }

    assert found - set(known) == set(), "run translations/update.sh"
    assert set(known) - found == set(), "run translations/update.sh"
    for (_context, sentence), entry in known.items():
        parts = [str(part) for part in (entry.string if isinstance(entry.string, tuple | list) else [entry.string])]
        assert all(parts) and not entry.fuzzy, sentence
        assert all(
            set(re.findall(r"%\(\w+\)s", part)) <= set(re.findall(r"%\(\w+\)s", str(sentence))) for part in parts
        ), sentence
        assert not any(re.search(r"[\u4e00-\u9fff]", part) for part in parts), sentence


def test_the_compiled_catalogue_is_the_written_one():
    with CATALOGUE.open("rb") as file:
        catalogue = read_po(file, locale="en")
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)

    assert CATALOGUE.with_suffix(".mo").read_bytes() == compiled.getvalue(), "run translations/update.sh"


def test_every_page_is_tested(app: Flask):
    tests = "\n".join(text(path) for path in (ROOT / "tests").rglob("test_*.py")) + text(ROOT / "tests" / "states.py")
    for rule in app.url_map.iter_rules():
        if rule.endpoint != "static":
            pattern = re.sub(r"<[^>]+>", r'[^"\\s/]+', rule.rule.replace(".", r"\."))
            assert re.search(rf'"{pattern}[?"#]', tests), f"no test asks for {rule.rule}"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_is_short_and_says_what_it_is(path):
    source = text(path)
    tree = ast.parse(source)
    most_lines = 20 if layer(path.stem) == layer("views") and "blueprints" in path.parts else 30

    assert source.count("\n") <= 300
    assert ast.get_docstring(tree)
    for function in (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)):
        first = function.body[1] if ast.get_docstring(function) and len(function.body) > 1 else function.body[0]
        assert (function.end_lineno or 0) - first.lineno < most_lines, function.name


def test_only_one_place_normalizes_and_it_cuts_endless_marks():
    assert {path for path in MODULES if "unicodedata.normalize" in text(path)} == {ROOT / "core" / "text.py"}


@pytest.mark.parametrize("path", [*TEMPLATES, *SCRIPTS], ids=lambda path: str(path.relative_to(ROOT)))
def test_a_template_or_script_is_short_and_keeps_to_the_policy(path):
    source = text(path)

    assert source.count("\n") <= 60
    assert not re.search(r"\|\s*safe\b|style=\"|\son\w+=\"|javascript:", source)


def test_the_project_speaks_of_itself_alone():
    for path in (
        path for folder in ("core", "blueprints", "templates", "tests", "docs") for path in (ROOT / folder).rglob("*")
    ):
        if path.is_file() and path.suffix in (".py", ".html", ".md", ".txt"):
            assert str(ROOT) not in text(path), path


ACCOUNT_ROWS = [f"S{number}" for number in range(41, 71)]
ACCOUNT_CASES = "T13 T20 T24 T37 T42 T46 T52 T57 T59 T60 T61 T63 T64 T65 T66 T72 T73 T74 T76 T77 T80 T81 T82 T83 T84 T95 T97 T98 T99"
COMMENT_ROWS = "S01 S02 S05 S06 S07 S09 S12 S16 S17 S18 S28 S38 S71 S72 S73 S74 S82 S83 F21 F22 F27"
COMMENT_CASES = (
    "T01 T02 T03 T04 T05 T06 T07 T12 T14 T15 T16 T17 T18 T19 T20 T21 T22 T25 T27 T28 T29 T30 T31 T33 T34 T35 T39 T40 T41 T43 T45 T47 T48 T49 T50 T51 "
    "T53 T54 T58 T62 T68 T71 T75 T78 T85 T86 T90 T91 T94 T100"
)
WRITING_ROWS = "S75 T09 T10 T11 T36 T44 T55 T67 T69 T70 F7"
ROWS = [*ACCOUNT_ROWS, *f"{ACCOUNT_CASES} {COMMENT_ROWS} {COMMENT_CASES} {WRITING_ROWS}".split()]


@functools.cache
def rows_named() -> set[str]:
    tests = [path for path in (ROOT / "tests").rglob("test_*.py") if path.name != "test_conventions.py"]
    return {
        found
        for path in tests
        for function in ast.walk(ast.parse(text(path)))
        if isinstance(function, ast.FunctionDef) and function.name.startswith("test_")
        for found in re.findall(r"\b[FST]\d+\b", ast.get_docstring(function) or "")
    }


@pytest.mark.parametrize("row", dict.fromkeys(ROWS))
def test_every_row_has_a_test_that_names_it(row):
    """The rows of docs/security.md and of its list of cases; those without a test say there why."""
    assert row in rows_named()
