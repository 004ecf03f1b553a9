"""Every state of every page, in both languages: its status, its markup, and nothing in it that may not be."""

import re

import html5lib
import pytest

from tests import stage, states

DATA = "application/ld+json"  # no browser runs it
UNUSED_IN_ENGLISH = re.compile(r"[\u4e00-\u9fff]")


@pytest.fixture(scope="module")
def states_site(tmp_path_factory):
    app = states.site(tmp_path_factory.mktemp("states"))
    yield app
    stage.close(app)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("name", states.STATES)
def test_the_state_has_its_status_and_clean_markup(states_site, name, language):
    answer = states.play(states_site, name, language)

    assert answer.status_code == states.STATES[name].status
    document = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(answer.text)
    assert document.get("lang") == {"zh": "zh-Hans", "en": "en"}[language]
    ids = [element.get("id") for element in document.iter() if element.get("id")]
    assert len(ids) == len(set(ids))
    for element in document.iter():
        assert not [name for name in element.attrib if name.startswith("on") or name == "style"]
        if element.tag == "link" and element.get("rel") in ("canonical", "alternate"):  # no browser fetches these
            assert element.get("href").startswith(("http://127.0.0.1:8000/", "https://"))
        elif element.tag in ("script", "img", "link") and element.get("type") != DATA:
            address = element.get("src") or element.get("href")
            assert address.startswith("/") and not address.startswith("//")
        if element.tag in ("script", "style") and element.get("type") != DATA:
            assert not (element.text or "").strip()
    assert document.find(".//main") is not None and len(document.findall(".//h1")) == 1
    assert document.find(".//title").text.strip() not in ("", "纸上 · 纸上")
    assert document.find(".//meta[@name='description']").get("content")
