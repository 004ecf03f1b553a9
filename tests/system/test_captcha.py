"""The captcha in a real browser: it can be looked at, listened to and worked for."""

import json

import altcha
import pytest

pytestmark = [pytest.mark.system, pytest.mark.browser]

PLAYED = """async place => {
  const player = document.querySelectorAll("audio")[place];
  player.muted = true;
  await player.play();
  await new Promise(resolve => setTimeout(resolve, 300));
  return [player.duration, player.currentTime];
}"""
WORKED = """async puzzle => {
  const element = document.createElement("proof-of-work");
  element.dataset.puzzle = puzzle;
  element.innerHTML = '<input type="hidden" name="work" value="">';
  document.querySelector("form").append(element);
  const field = element.querySelector("input");
  for (let wait = 0; wait < 600 && !field.value; wait++) await new Promise(resolve => setTimeout(resolve, 50));
  return field.value;
}"""
SECRET = "a secret of this test"


@pytest.fixture
def page(shared_site, chromium):
    """The registration form; no fault and no break of the policy may be reported."""
    context = chromium.new_context(viewport={"width": 390, "height": 844})
    opened = context.new_page()
    faults = []
    opened.on("pageerror", lambda fault: faults.append(str(fault)))
    opened.on("console", lambda message: faults.append(message.text) if "Security Policy" in message.text else None)
    opened.goto(shared_site.address + "/register")
    yield opened
    context.close()
    assert faults == []


def test_both_sounds_play_and_are_fetched_when_asked_for(page):
    asked = []
    page.on("request", lambda request: asked.append(request.url[-7:]) if request.url.endswith(".wav") else None)
    page.click("summary")
    assert asked == []

    lengths = []
    for place in range(2):
        duration, heard = page.evaluate(PLAYED, place)
        lengths.append(duration)
        assert heard > 0

    assert all(4 < length < 12 for length in lengths)
    assert asked == [".zh.wav", ".en.wav"]


def test_another_picture_comes_with_other_sounds_and_keeps_what_was_typed(page):
    def addresses():
        return page.evaluate("[...document.querySelectorAll('captcha-picture img, audio')].map(one => one.src)")

    page.fill("[name=username]", "山中客")
    before, challenge = addresses(), page.input_value("[name=captcha_id]")

    page.click(".captcha__button")
    page.wait_for_selector("captcha-picture:not([aria-busy])")

    after, other = addresses(), page.input_value("[name=captcha_id]")
    assert challenge != other and all(challenge in address for address in before)
    assert len(after) == 3 and all(other in address for address in after)
    assert page.input_value("[name=username]") == "山中客"


def test_what_is_heard_can_be_typed(page, shared_site):
    digits = shared_site.flask("captcha", "answer", "--spoken", page.input_value("[name=captcha_id]")).strip()
    page.fill("[name=username]", "听众")
    page.fill("[name=captcha]", " ".join(digits))
    page.click("#submit")

    assert page.locator(".captcha__passed").is_visible()


def test_the_browser_solves_a_puzzle_as_the_package_makes_it(page):
    made = altcha.create_challenge("PBKDF2/SHA-256", 20, expires_at=2**40, hmac_secret=SECRET)

    payload = page.evaluate(WORKED, json.dumps(made.to_dict()))

    assert altcha.verify_solution(payload, SECRET).verified


def test_a_puzzle_that_cannot_be_read_leaves_the_field_empty_and_says_nothing(page):
    assert page.evaluate(WORKED.replace("wait < 600", "wait < 10"), "rubbish") == ""


def test_without_scripts_picture_sounds_and_letter_are_there(shared_site, chromium):
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(shared_site.address + "/register")

    page.click("summary")

    assert page.locator("audio").nth(1).is_visible()
    assert page.locator("[name=by_mail]").is_visible() and page.locator("[name=refresh]").is_visible()
    context.close()
