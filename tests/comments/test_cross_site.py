"""Nothing people write becomes more than text: every view and every form, judged by an HTML5 parser.

A page that holds payloads is compared with the same page holding harmless words: no element, attribute or address may be
more or other. What Markdown makes of a text is looked at apart: a few elements with hardly an attribute.
`tests/system/test_cross_site.py` lets a browser judge the same scene.
"""

import email
import email.policy
import re
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote, urlsplit

import html5lib
import pytest
from flask import current_app
from jinja2 import meta

from core import clock
from core.config import settings
from core.database import db
from core.mail import Letter, deliver
from core.markup import render_article, render_comment
from core.text import has_unprintable
from tests import builders
from tests.comments.payloads import BATCHES, LONGEST, PAYLOADS, SUM, VIEWS, fill, people_and_replies
from tests.core.test_markup import WEB_OR_MAILBOX, scheme_of

HTML = "{http://www.w3.org/1999/xhtml}"
REPEATING = {"value", "content", "title", "aria-label"}  # attributes that may repeat what was written
ADDRESSES = {"href", "src", "action", "formaction"}
IN_REPLIES = {
    "p",
    "br",
    "em",
    "strong",
    "a",
    "ul",
    "ol",
    "li",
    "blockquote",
    "pre",
    "code",
    "details",
    "summary",
    "div",
}
IN_ARTICLES = {"h2", "h3", "h4", "hr", "table", "thead", "tbody", "tr", "th", "td", "span"} | IN_REPLIES
IN_ARTICLES |= {"figure", "figcaption", "ruby", "rp", "rt", "sup", "section", "footer", "cite"}
SHAPES = {  # what our own attributes hold
    ("code", "class"): re.compile(r"language-[\w.+#-]{1,40}"),
    **dict.fromkeys([("h2", "id"), ("h3", "id"), ("h4", "id")], re.compile(r"h-[\w-]+")),
    **dict.fromkeys([("a", "id"), ("li", "id")], re.compile(r"note-\d+(-mark(-\d+)?)?")),
    **dict.fromkeys([("a", "role"), ("section", "role")], re.compile("doc-(noteref|backlink|endnotes)")),
    **dict.fromkeys([("a", "aria-label"), ("section", "aria-label")], re.compile(r"[\w ]+")),
    ("th", "scope"): re.compile("col"),
    **dict.fromkeys([("th", "align"), ("td", "align")], re.compile("left|center|right")),
}
OF_CHANGES = {"p", "ins", "del", "span"}
OURS = re.compile(
    r"(?:(?:fold|differences|paragraph)(?:__\w+|--\w+)*|visually-hidden)( |$)"
)  # classes, which nobody can write
OF_OURS = {"class", "lang", "id", "href", "rel", "aria-label", "tabindex", "data-words"}
IN_REPLIES_LINKED = re.compile(r"https?:|mailto:|/(?:comments|articles/hello/floors)/\d+$")
WRITTEN = {("a", "href"), ("a", "rel"), ("a", "title"), ("ol", "start"), ("pre", "tabindex"), ("table", "tabindex")}


def harmless(text):
    """Return words of the same length: what can be seen becomes a letter, blanks and controls stay."""
    return "".join("x" if one.isprintable() and not one.isspace() else one for one in text)


def skeleton(page):
    """Return the elements of a page with their attributes, in order; of what Markdown made only what it must not make."""
    found, waiting = [], [html5lib.parse(page)]
    while waiting:
        node = waiting.pop()
        found.append((str(node.tag), sorted(_attribute(*pair) for pair in node.attrib.items())))
        if node.get("class", "").split()[:1] in (["prose"], ["differences"]):
            found += [(one.tag, one.attrib) for one in list(node.iter())[1:] if not _may_be_written(one, within=node)]
        else:
            waiting += list(node)[::-1]
    return found


def _attribute(name, value):
    if name in ADDRESSES:  # as browsers read it; which of our own pages it names may follow from what was asked
        return name, urlsplit(value.replace("\\", "/"))[:2]
    return name, "" if name in REPEATING else value


def _may_be_written(node, within):
    """Tell whether our Markdown makes such an element: few kinds, hardly an attribute, addresses of the web and of mailboxes."""
    is_reply, is_change = (word in within.get("class") for word in ("comment__body", "differences"))
    kinds = OF_CHANGES if is_change else IN_REPLIES if is_reply else IN_ARTICLES
    tag, address = str(node.tag).removeprefix(HTML), node.get("href", "mailto:")
    leads_well = IN_REPLIES_LINKED.match(address) if is_reply else scheme_of(address) in WEB_OR_MAILBOX
    is_ours = OURS.match(node.get("class", ""))
    may_have = all(name in OF_OURS if is_ours else _may_have(tag, name, node.get(name)) for name in node.attrib)
    is_plain = node.get("start", "1").isdigit() and node.get("tabindex", "0") in ("0", "-1")
    return bool(tag in kinds and may_have and is_plain and leads_well)


def _may_have(tag, name, value):
    shape = SHAPES.get((tag, name))
    return bool(shape.fullmatch(value)) if shape else (tag, name) in WRITTEN


@pytest.fixture
def scene(app):
    return people_and_replies(app)


def look(scene):
    """Return the skeleton of every view, and check that nothing was computed on any."""
    seen = {}
    for who, view in VIEWS:
        page = scene.browsers[who].get(view.format(**scene.ids))
        assert page.status_code in (200, 404) and page.mimetype == "text/html", view
        assert SUM not in page.text, view
        seen[f"{who} {view}"] = skeleton(page.text)
    return seen


def looks_other(wanted, found):
    return [view for view in wanted if found[view] != wanted[view]]


def test_no_view_makes_more_than_text_of_what_was_written(scene):
    """S01, T01, T33, T45, T49, T53, T58, T90, T91."""
    assert len(PAYLOADS) >= 300 and max(map(len, PAYLOADS)) <= LONGEST
    fill(scene, ["字字字"])
    wanted = look(scene)

    for batch in BATCHES:
        fill(scene, batch)

        assert looks_other(wanted, look(scene)) == [], batch


@pytest.mark.parametrize("render", [render_comment, render_article])
def test_markdown_makes_few_elements_of_any_payload(render):
    """T90, T91: each alone, and in the middle of a text."""
    place = "prose comment__body" if render is render_comment else "prose"
    for payload in PAYLOADS:
        for source in (payload, f"前 {payload} 后", f"> - {payload}"):
            (part,) = html5lib.parseFragment(f'<div class="{place}">{render(source)}</div>')
            assert all(_may_be_written(node, within=part) for node in list(part.iter())[1:]), source


def test_the_judge_sees_what_is_not_escaped(app, scene):
    fill(scene, ["字字字"])
    wanted = look(scene)
    fill(scene, BATCHES[0])

    with unescaped(app):
        found = look(scene)

    only_markdown = {"guest /comments/{changed}/report"}
    assert set(looks_other(wanted, found)) == wanted.keys() - only_markdown


@contextmanager
def unescaped(app):
    """A build whose templates escape nothing."""
    usual = app.jinja_env.autoescape
    app.jinja_env.autoescape = False
    app.jinja_env.cache.clear()
    try:
        yield
    finally:
        app.jinja_env.autoescape = usual
        app.jinja_env.cache.clear()


FIELDS = ["nickname", "email", "body", "parent", "website", "stamp", "csrf_token", "quote", "notify", "version"]
FIELDS += ["reason", "note", "username", "password", "name", "next", "carry", "chosen", "which"]
FIELDS += ["captcha", "captcha_id", "proof", "code", "passkey", "ceremony"]
PARAMETERS = [
    "about",
    "cite",
    "from",
    "before",
    "to",
    "sort",
    "next",
    "q",
    "role",
    "lang",
    "preview",
    "quote",
    "page",
    "utm_source",
]
HEADERS = ["User-Agent", "Referer", "Accept-Language", "X-Forwarded-For", "X-Forwarded-Host", "X-Original-URL"]
ADDRESS_MAX = 3000  # characters of the text in each parameter: servers take no longer addresses
NO_PLACE = {"from": "", "before": "", "to": ""}

# Who sends every field or parameter to where, but for some of their own: a form joins with one line.
WRITES = [
    ("guest", "POST", "/articles/hello/comments", {}),
    ("guest", "POST", "/articles/hello/comments", {"preview": "1"}),
    ("guest", "POST", "/articles/hello/comments", {"csrf_token": "", "stamp": "1.x"}),
    ("reader", "POST", "/articles/hello/comments", {}),
    ("reader", "POST", "/articles/hello/comments", {"preview": "1"}),
    ("guest", "POST", "/articles/closed/comments", {}),
    ("guest", "POST", "/articles/gone/comments", {}),
    ("guest", "POST", "/articles/nowhere/comments", {}),
    ("guest", "POST", "/login", {"carry": ""}),
    ("guest", "POST", "/login", {"carry": "hello"}),
    ("guest", "POST", "/register", {}),
    ("guest", "POST", "/forgot-password", {}),
    ("guest", "POST", "/login/by-mail", {}),
    ("reader", "POST", "/account/name", {}),
    ("reader", "POST", "/account/email", {}),
    ("reader", "POST", "/account/earlier-replies", {}),
    ("reader", "POST", "/comments/{first}/edit", {}),
    ("reader", "POST", "/comments/{first}/edit", {"preview": "1"}),
    ("reader", "POST", "/comments/{first}/withdraw", {}),
    ("reader", "POST", "/comments/{gone}/restore", {}),
    ("guest", "POST", "/comments/{changed}/report", {}),
    ("guest", "POST", "/mine", {}),
    ("guest", "POST", "/settings/reading", {}),
    ("guest", "POST", "/letters/stop/{stop}", {}),
    ("owner", "POST", "/mine/name", {}),
    ("owner", "POST", "/mine/erase", {}),
    ("administrator", "POST", "/admin/people/{reader}/pause", {}),
    ("guest", "GET", "/", {}),
    ("guest", "GET", "/", NO_PLACE),
    ("guest", "GET", "/articles/hello", {}),
    ("guest", "GET", "/articles/hello", NO_PLACE),
    ("guest", "GET", "/login", {}),
    ("guest", "GET", "/register", {}),
    ("reader", "GET", "/account/replies", {}),
    ("administrator", "GET", "/admin/people", {}),
    ("administrator", "GET", "/admin/people", {"role": ""}),
    ("guest", "GET", "/{text}", {}),
    ("guest", "GET", "/%2Fforeign.example/{text}", {}),
    ("guest", "GET", "/articles/{text}", {}),
    ("guest", "GET", "/comments/{text}", {}),
    ("guest", "GET", "/mine/open/{text}", {}),
    ("guest", "GET", "/letters/stop/{text}", {}),
    ("guest", "GET", "/settings/reading", {}),
    ("guest", "GET", "/articles/hello/changes", {}),
]


def send(scene, write, text):
    """Send a text in every field of a form, or in every parameter of an address, and in the headers."""
    who, method, address, own = write
    text = text if method == "POST" else text[:ADDRESS_MAX]
    values = dict.fromkeys(FIELDS if method == "POST" else PARAMETERS, text) | own
    printable = "".join(one for one in text if ord(one) > 0x1F).encode().decode("latin-1")
    return scene.browsers[who].open(
        address.format(text=quote(text.replace("/", "_")), **scene.ids),
        method=method,
        headers=dict.fromkeys(HEADERS, printable),
        **{"data" if method == "POST" else "query_string": values},
    )


def answered(page):
    """Return an answer's status, the names of its headers, where it leads, and its skeleton."""
    assert page.mimetype == "text/html" and SUM not in page.text
    return [page.status_code, sorted(set(page.headers.keys())), page.location, *skeleton(page.text)]


@pytest.mark.parametrize("printable", [True, False], ids=["printable", "unprintable"])
def test_no_form_makes_more_than_text_of_what_is_typed(scene, printable):
    """T01, T16, T40, T41, T50, S01: one payload that got out would be seen among the others."""
    builders.article("closed", comments_open=False)
    builders.article("gone").withdrawn_at = clock.now()
    db.session.commit()
    text = "\n".join(one for one in PAYLOADS if has_unprintable(one) is not printable)

    for write in WRITES:
        send(scene, write, "字")  # from here on the browser has its cookies
        wanted, found = answered(send(scene, write, harmless(text))), answered(send(scene, write, text))

        assert [pair for pair in zip(found, wanted, strict=False) if pair[0] != pair[1]] == [], write
        assert len(found) == len(wanted), write


def test_the_judge_sees_what_a_form_does_not_escape(app, scene):
    text = "\n".join(one for one in PAYLOADS if not has_unprintable(one))
    write = WRITES[0]
    wanted = answered(send(scene, write, harmless(text)))

    with unescaped(app):
        found = skeleton(send(scene, write, text).text)

    assert len(found) > len(wanted)


def test_the_command_line_prints_one_line_for_each_that_waits(scene):
    """T95: no control sign of a terminal, no line of somebody's making."""
    run = scene.browsers["guest"].application.test_cli_runner().invoke
    for batch in BATCHES:
        fill(scene, batch)

        listed = run(args=["comments", "pending"]).output

        assert listed.count("\n") == len(listed.splitlines()) == 2
        assert not has_unprintable(listed) and not re.search("[\u202a-\u202e\u2066-\u2069]", listed)


LETTERS = sorted(path for path in (Path(__file__).parents[2] / "templates" / "mail").iterdir() if path.is_dir())
NO_WORDS = {"stop": "http://127.0.0.1:8000/y", "role": "reader"}


@pytest.mark.parametrize("printable", [True, False], ids=["printable", "unprintable"])
def test_no_letter_makes_more_than_text_of_what_it_repeats(app, printable):
    """S01: whatever words a letter repeats, in all its parts."""
    text = "\n".join(one for one in PAYLOADS if has_unprintable(one) is not printable)

    for folder in LETTERS:
        wanted, found = (letter_with(folder, words) for words in (harmless(text), text))

        assert found.keys() == wanted.keys() and "\n" not in found["Subject"], folder.name
        html, plain = (found.get_body((kind,)).get_content() for kind in ("html", "plain"))
        assert skeleton(html) == skeleton(wanted.get_body(("html",)).get_content()), folder.name
        assert SUM not in html + plain + found["Subject"], folder.name


def letter_with(folder, text):
    """Lay a letter into the outbox that has the text in every place for words, and return it."""
    templates = current_app.jinja_env
    sources = [templates.parse(path.read_text(encoding="utf-8")) for path in folder.iterdir()]
    names = set().union(*map(meta.find_undeclared_variables, sources)) - {*templates.globals, "link", "site_name"}
    values = {name: clock.now() if re.search(r"(?:^|_)(?:at|until)$", name) else text for name in names}
    deliver(Letter("reader@example.com", folder.name, values | NO_WORDS, "http://127.0.0.1:8000/x"), "id")
    (file,) = settings().outbox.glob("*.eml")
    letter = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
    file.unlink()
    return letter
