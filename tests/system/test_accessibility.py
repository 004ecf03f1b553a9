"""Every state in a real browser: no accessibility finding (axe, WCAG 2.2 A and AA, best practice), no fault, nothing sideways."""

import threading

import pytest
from axe_playwright_python.sync_playwright import Axe
from werkzeug.serving import make_server

from tests import stage, states
from tests.system.conftest import free_port

pytestmark = [pytest.mark.system, pytest.mark.browser]

TAGS = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}}


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


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("name", states.STATES)
def test_a_state_has_no_finding(states_address, chromium, name, theme):
    language = "en" if theme == "dark" else "zh"
    context = chromium.new_context(color_scheme=theme, viewport={"width": 390, "height": 844})
    page = context.new_page()
    faults = []
    page.on("pageerror", lambda fault: faults.append(str(fault)))
    page.on(
        "console", lambda message: faults.append(message.text) if "Content Security Policy" in message.text else None
    )

    answer = page.goto(f"{states_address}/states/{name}?lang={language}")
    found = Axe().run(page, options=TAGS).response["violations"]
    page.set_viewport_size({"width": 320, "height": 640})
    sideways = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    context.close()

    assert answer.status == states.STATES[name].status
    assert [(one["id"], one["nodes"][0]["html"]) for one in found] == []
    assert faults == []
    assert sideways <= 0
