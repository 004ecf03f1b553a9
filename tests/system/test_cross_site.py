"""A real browser judges what people write, once without the policy of content and once without escaping: either alone holds.

The site runs in this process, with the scene of `tests/comments/payloads.py` in its rows. Everything on every page is
pointed at, focused and clicked.
"""

import dataclasses
import socketserver
import threading
from contextlib import contextmanager
from functools import partial

import pytest
from playwright.sync_api import Error
from werkzeug.serving import make_server

from core.database import db
from core.text import one_kind_of_newline
from tests import builders, stage
from tests.comments.payloads import FLIGHTS, PAYLOADS, ROWS, VIEWS, fill, people_and_replies
from tests.comments.test_cross_site import FIELDS, WRITES, harmless, unescaped
from tests.comments.test_round_trip import may_be_refused, together
from tests.system.conftest import free_port

pytestmark = [pytest.mark.system, pytest.mark.browser]

POLICY = "content-security-policy"

# Points at, focuses and clicks everything but links to other pages, and sends every form that does not lead to our own pages.
TOUCH = """() => {
  addEventListener("submit", event => {
    const to = new URL(event.submitter?.getAttribute("formaction") ?? event.target.getAttribute("action") ?? "", location.href);
    if (to.origin === location.origin) event.preventDefault();
  }, true);
  addEventListener("click", event => {  // of what stands inside one of our links: it leads to a page of ours
    const link = event.target.closest?.("a[href]");
    if (link && /^(https?|mailto):$/.test(link.protocol)) event.preventDefault();
  }, true);
  for (const one of document.querySelectorAll("*")) {
    for (const name of ["pointerenter", "mouseover", "mouseenter", "focus", "copy", "animationend", "scrollend", "cancel"])
      one.dispatchEvent(new Event(name, {bubbles: true}));
    one.focus?.();
    const link = one.closest("[href]")?.getAttribute("href") ?? "javascript:";
    if (!/^(https?|mailto):$/.test(URL.parse(link, location.href)?.protocol)) one.dispatchEvent(new MouseEvent("click", {bubbles: true, cancelable: true}));
  }
}"""
RAN = """() => Boolean(window.hit || [...Array(window.length).keys()].some(number => {
  try { return window[number].hit; } catch { return false; }
}))"""

# The elements a browser made, with the names of their attributes; of what Markdown made what it must not make.
ELEMENTS = r"""() => [...document.querySelectorAll("*")].flatMap(one => {
  const names = [one.localName, ...one.getAttributeNames().filter(name => name !== "open").sort()].join(" ");
  const written = one.parentElement?.closest(".prose, .differences");
  if (!written) return [names];
  const leads = !one.hasAttribute("href") || /^(https?|mailto):$/.test(one.protocol);
  const kind = /^(p|br|em|strong|a|[uo]l|li|blockquote|pre|code|h[2-4]|hr|t(able|head|body|[rhd])|details|summary|div|ins|del|span|fig(ure|caption)|ruby|r[pt]|sup|section|footer|cite)$/;
  const shapes = {class: /^language-\S{1,40}$/, id: /^(h|note)-/, role: /^doc-/, "aria-label": /^[\p{L}\p{N} ]+$/u, scope: /^col$/, align: /^(left|center|right)$/};
  const ours = /^(fold|differences|paragraph|visually-hidden)/.test(one.className);
  const rest = ours ? /^(class|href|id|lang|rel|tabindex|aria-label|data-words)$/ : /^(href|rel|start|tabindex|title)$/;
  const plain = one.getAttributeNames().every(name => rest.test(name) || name === "open" || shapes[name]?.test(one.getAttribute(name)));
  return leads && plain && kind.test(one.localName) ? [] : [names];
})"""

# Sends a form of these fields to one of our addresses.
SEND = """([action, fields]) => {
  const form = document.createElement("form");
  form.method = "post";
  form.action = action;
  for (const [name, value] of Object.entries(fields)) {
    const field = document.createElement("textarea");
    [field.name, field.defaultValue] = [name, value];
    form.append(field);
  }
  document.body.append(form);
  HTMLFormElement.prototype.submit.call(form);
}"""


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    app = stage.site(tmp_path_factory.mktemp("cross-site"))
    yield app
    stage.close(app)


# Fills a form's fields as if they were typed into.
TYPE = """values => {
  for (const [name, value] of Object.entries(values)) {
    const field = document.querySelector(`.write [name=${name}]`);
    field.value = value;
    field.dispatchEvent(new Event("input", {bubbles: true}));
  }
}"""


class Without:
    """The site, but for some headers of its answers."""

    def __init__(self, app, *headers):
        self._app, self._headers = app, headers

    def __call__(self, environ, start_response):
        def start(status, headers, *more):
            return start_response(status, [one for one in headers if one[0].lower() not in self._headers], *more)

        with self._app.app_context():
            return self._app(environ, start)


@contextmanager
def serving(app, without=""):
    """Serve the site for the length of the block and give its address; what is to be kept as a file is shown, too."""
    server = make_server("127.0.0.1", free_port(), Without(app, without, "content-disposition"), threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class Outside(socketserver.ThreadingTCPServer):
    """The world, as a proxy: what a browser asks of others than this machine arrives here, and fails.

    What asks for the host of the payloads is written down; the browser's own calls home are no page's doing.
    """

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Listener)
        self.asked: list[str] = []


class _Listener(socketserver.StreamRequestHandler):
    server: Outside

    def handle(self):
        line = self.rfile.readline(1000).decode("latin-1").strip()
        if "example" in line:
            self.server.asked.append(line)


@pytest.fixture
def outside():
    with Outside() as world:
        thread = threading.Thread(target=world.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield world
        world.shutdown()
        thread.join()


class Watched:
    """A browser whose calls, dialogs and faults are written down."""

    def __init__(self, chromium, address, outside, client):
        cookies = [client.get_cookie(name) for name in ("session", "form", "writer")]
        world = {"server": f"http://127.0.0.1:{outside.server_address[1]}", "bypass": "127.0.0.1"}
        self._context = chromium.new_context(base_url=address, locale="zh-CN", reduced_motion="reduce", proxy=world)
        self._context.add_cookies([{"name": one.key, "value": one.value, "url": address} for one in cookies if one])
        self.page = self._context.new_page()
        self.foreign: list[str] = outside.asked
        self.dialogs: list[str] = []
        self.faults: list[str] = []
        self.page.on("dialog", self._dismiss)
        self.page.on("pageerror", lambda fault: self.faults.append(str(fault)))
        self.page.on("console", self._note)

    def _dismiss(self, dialog):
        self.dialogs.append(dialog.message)
        dialog.dismiss()

    def _note(self, message):
        if message.type == "error" and "the server responded with a status of 4" not in message.text:
            self.faults.append(message.text)

    def opens(self, path):
        """Open a page and return its elements."""
        self.page.goto(path)
        return self.page.evaluate(ELEMENTS)

    def sends(self, path, fields):
        """Send a form, and return the elements of the answer."""
        self.page.goto("/privacy")
        with self.page.expect_navigation():
            self.page.evaluate(SEND, [path, fields])
        return self.page.evaluate(ELEMENTS)

    def something_runs(self):
        """Touch everything, and tell whether the script of a payload ran before or by it."""
        self.page.evaluate(TOUCH)
        self.page.wait_for_timeout(20)
        return self.page.evaluate(RAN)

    def closes(self):
        self._context.close()


@pytest.fixture
def scene(app):
    with app.app_context():
        stage.empty()
        yield people_and_replies(app)


@pytest.fixture
def open_browser(chromium, outside):
    """Open a browser on an address, with the cookies of a client."""
    opened = []

    def open_one(address, client):
        opened.append(Watched(chromium, address, outside, client))
        return opened[-1]

    yield open_one
    for one in opened:
        one.closes()


def visits(scene, open_browser, text):
    """Yield the name of every view and of every answer to a form that holds the text, with the browser there and the elements."""
    for who, client in scene.browsers.items():
        browser = open_browser(client)
        for role, view in VIEWS:
            if role == who:
                yield f"{who} {view}", browser, browser.opens(view.format(**scene.ids))
        for role, method, path, own in WRITES:
            if role == who and method == "POST":
                fields = dict.fromkeys(FIELDS, text) | own
                yield f"{who} sends to {path} {own}", browser, browser.sends(path.format(**scene.ids), fields)


def test_without_the_policy_escaping_alone_holds(app, scene, open_browser):
    """S01, T16, T45, T90."""
    rows, text = [" ".join(PAYLOADS[start::ROWS]) for start in range(ROWS)], "\n".join(PAYLOADS)
    with serving(app, without=POLICY) as address:
        open_here = partial(open_browser, address)
        fill(scene, [harmless(row) for row in rows])
        wanted = {name: elements for name, _browser, elements in visits(scene, open_here, harmless(text))}
        fill(scene, rows)

        for name, browser, elements in visits(scene, open_here, text):
            assert elements == wanted[name], name
            assert not browser.something_runs(), name
            assert browser.foreign == browser.dialogs == browser.faults == [], name


def gets_out(article, browser, payload):
    """Let a payload stand alone on a page, as text, in its title and in an attribute; tell whether it runs, calls or leaves."""
    article.title = article.summary = article.author = payload.replace("\x00", "\ufffd")
    db.session.commit()
    before = len(browser.foreign) + len(browser.dialogs)
    try:
        browser.opens("/articles/alone")
        runs = browser.something_runs()
    except Error:  # it led away while it was looked at
        return True
    return runs or len(browser.foreign) + len(browser.dialogs) > before


def test_without_escaping_the_policy_alone_holds(app, scene, open_browser):
    """S01: all but what leaves for another page by itself: no policy of content knows that."""
    staying = [one for one in PAYLOADS if one not in FLIGHTS]
    article = builders.article("alone")
    with unescaped(app), serving(app) as address:
        browser = open_browser(address, scene.browsers["guest"])

        assert [one for one in staying if gets_out(article, browser, one)] == []
        assert len(browser.faults) > len(staying) / 3, "the browser tells what it did not run"

        fill(scene, staying[:ROWS])
        for name, there, _elements in visits(scene, partial(open_browser, address), "\n".join(staying[:ROWS])):
            assert not there.something_runs(), name
            assert there.foreign == there.dialogs == [], name


def test_where_neither_holds_the_payloads_bite(app, scene, open_browser):
    """Otherwise the two tests above would show nothing."""
    article, some = builders.article("alone"), PAYLOADS[::4]
    with unescaped(app), serving(app, without=POLICY) as address:
        browser = open_browser(address, scene.browsers["guest"])
        bitten = [one for one in some if gets_out(article, browser, one)]

    assert len(bitten) > len(some) / 4


def test_a_browser_sends_and_shows_what_was_typed(app, scene, open_browser):
    """T15: hard texts, as a browser takes them, sends them, and shows them for changing."""
    builders.article("alone")
    app.config["ZHISHANG"] = dataclasses.replace(app.config["ZHISHANG"], comments_per_minute=100)
    with serving(app) as address:
        page = open_browser(address, scene.browsers["guest"]).page
        for name, text in together():
            if not may_be_refused(text):
                page.goto("/articles/alone")
                page.evaluate(TYPE, {"nickname": name, "email": "a@example.com", "body": text})
                page.get_by_role("button", name="发表回复").click()
                page.goto(page.locator(".comment").last.get_by_role("link", name="修改").get_attribute("href"))

                assert page.locator("[name=body]").input_value() == one_kind_of_newline(text), name
