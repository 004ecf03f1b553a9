"""The house is built as docs/architecture.md draws it, and each rule would notice."""

import ast
import threading

import pytest

from app import create_app
from core.config import Settings
from tests.architecture import RULES, parsed

BROKEN = {
    "a lower layer": (
        "wrong_directions",
        "blueprints.auth.models",
        "from blueprints.auth.queries import x",
        "blueprints.auth.queries",
    ),
    "an earlier room": (
        "wrong_directions",
        "blueprints.auth.names",
        "from blueprints.comments.models import x",
        "blueprints.comments.models",
    ),
    "another door": (
        "wrong_directions",
        "blueprints.auth.views",
        "import blueprints.site.views",
        "blueprints.site.views",
    ),
    "the ground floor": (
        "wrong_directions",
        "core.text",
        "from blueprints.auth import models",
        "blueprints.auth.models",
    ),
    "the front door": ("wrong_directions", "blueprints.site.views", "from app import create_app", "app"),
    "a circle": ("circles", "core.text", "import core.forms", "core.forms"),
    "the request": ("edge_names_below_the_edge", "blueprints.comments.posting", "from flask import request", ""),
    "another's table": (
        "foreign_writes",
        "blueprints.comments.posting",
        "from blueprints.articles.models import Article\nArticle(slug='x')",
        "",
    ),
    "another's rows": (
        "foreign_writes",
        "blueprints.comments.posting",
        "from blueprints.articles.models import Article\nupdate(Article)",
        "",
    ),
    "a commit": ("commits_below_the_edge", "blueprints.comments.posting", "def f():\n    db.session.commit()", ""),
    "a late import": ("imports_inside_functions", "blueprints.comments.posting", "def f():\n    import core.text", ""),
    "slow writing": ("slow_work_while_writing", "blueprints.auth.views", "with writing():\n    hash_password('x')", ""),
}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_house_keeps_the_rule(rule):
    assert list(rule(parsed())) == []


@pytest.mark.parametrize("kind", BROKEN)
def test_the_rule_notices(kind):
    name, module, source, other = BROKEN[kind]
    tree = {
        module: ast.parse(source),
        other or "core.errors": ast.parse("import core.text" if kind == "a circle" else ""),
    }

    rule = next(rule for rule in RULES if rule.__name__ == name)

    assert list(rule(tree))


def test_making_the_application_starts_nothing(tmp_path):
    before = threading.active_count()

    create_app(Settings(instance=tmp_path), testing=True)

    assert threading.active_count() == before
