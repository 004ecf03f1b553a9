"""Every state in a real browser: no accessibility finding (axe, WCAG 2.2 A and AA, best practice), no fault, nothing sideways."""

import threading

import pytest
from axe_playwright_python.sync_playwright import Axe
from werkzeug.serving import make_server

from tests import stage, states
from tests.system.conftest import free_port

pytestmark = [pytest.mark.system, pytest.mark.browser]

# What axe finds, and no word of what it does not: a page has hundreds of elements that are in order.
FIND = (
    """options => axe.run(document, options).then(found => found.violations.map(one => [one.id, one.nodes[0].html]))"""
)
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RULES = {
    "light": {"runOnly": {"type": "tag", "values": TAGS}, "resultTypes": ["violations"]},
    "dark": {
        "runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block", "html-has-lang", "valid-lang"]},
        "resultTypes": ["violations"],
    },
}  # in the dark, and in English, a page is built of the same elements; its colours and words are others


@pytest.fixture(scope="module")
def states_address(tmp_path_factory):
    app = states.site(tmp_path_factory.mktemp("states"))
    server = make_server("127.0.0.1", free_port(), states.Server(app))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()
    stage.close(app)


@pytest.fixture(scope="module")
def phone(states_address, chromium):
    """One page for all states: a new one for each costs more than what is looked at. Its faults are in `faults`."""
    context = chromium.new_context(base_url=states_address)
    page = context.new_page()
    page.faults = []
    page.on("pageerror", lambda fault: page.faults.append(str(fault)))
    page.on("console", lambda said: page.faults.append(said.text) if "Content Security Policy" in said.text else None)
    yield page
    context.close()


@pytest.fixture
def page(phone):
    """The page, which remembers nothing of the state before."""
    phone.set_viewport_size({"width": 390, "height": 844})
    yield phone
    phone.evaluate("localStorage.clear(); sessionStorage.clear()")
    phone.context.clear_cookies()
    phone.faults.clear()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("name", states.STATES)
def test_a_state_has_no_finding(page, name, theme):
    language = "en" if theme == "dark" else "zh"
    page.emulate_media(color_scheme=theme)

    answer = page.goto(f"/states/{name}?lang={language}")
    page.evaluate(Axe().axe_script)
    found = page.evaluate(FIND, RULES[theme])
    page.set_viewport_size({"width": 320, "height": 640})
    sideways = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")

    assert answer.status == states.STATES[name].status
    assert found == []
    assert page.faults == []
    assert sideways <= 0
