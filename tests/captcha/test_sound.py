"""The sound of a challenge: its own digits, in two languages, guarded as the picture is."""

import io
import wave

import pytest
from sqlalchemy import func, select

from blueprints.captcha.challenges import (
    ChallengeExpired,
    WrongAnswer,
    answer_of,
    digits_of,
    is_right,
    issue,
    look_of,
    redeem,
)
from blueprints.captcha.models import CaptchaUse
from blueprints.captcha.speaking import DIGITS, GAP_SECONDS, RATE, VOICES, sound_of
from core.database import db
from tests.builders import hidden
from tests.moments import later

FRAME = RATE // 50  # 20 ms
HIDDEN_SECONDS = 0.3  # a pause this long is one between two digits, not the one inside "six" or "eight"


def challenge_of(browser):
    return hidden(browser.get("/register"), "captcha_id")


def samples_of(sound):
    with wave.open(io.BytesIO(sound)) as file:
        assert (file.getframerate(), file.getsampwidth(), file.getnchannels()) == (RATE, 1, 1)
        return file.readframes(file.getnframes())


def bursts(samples):
    """Return how many pieces of speech stand out of the noise and murmur."""
    frames = [samples[start : start + FRAME] for start in range(0, len(samples) - FRAME, FRAME)]
    loud = [max(abs(value - 128) for value in frame) > 40 for frame in frames]
    found, quiet = 0, 10**6
    for is_loud in loud:
        if is_loud:
            found += quiet * 0.02 >= HIDDEN_SECONDS
            quiet = 0
        else:
            quiet += 1
    return found


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_sound_says_six_digits_in_less_than_twelve_seconds_and_nothing_is_clipped(language):
    for digits in ("023456", "788888", "000000", "666666", "382547"):
        samples = samples_of(sound_of(digits, language, digits.encode()))

        assert bursts(samples) == 6
        assert 4 < len(samples) / RATE < 12
        assert min(samples) > 0 and max(samples) < 255
        assert max(abs(value - 128) for value in samples[: RATE // 2]) < 40, "a short silence first"


def test_a_sound_is_kept_by_nobody(client):
    sound = client.get(f"/captcha/{challenge_of(client)}.zh.wav")

    assert (sound.status_code, sound.mimetype) == (200, "audio/wav")
    assert sound.headers["Cache-Control"] == "no-store"
    assert sound.headers["X-Content-Type-Options"] == "nosniff"
    assert "ETag" not in sound.headers and "Last-Modified" not in sound.headers
    assert len(sound.data) == int(sound.headers["Content-Length"]) < 100_000


def test_a_sound_asked_for_again_is_the_same_in_parts_too(client):
    address = f"/captcha/{challenge_of(client)}.en.wav"
    whole = client.get(address).data

    part = client.get(address, headers={"Range": "bytes=1000-1999"})

    assert (part.status_code, part.data) == (206, whole[1000:2000])
    assert part.headers["Content-Range"] == f"bytes 1000-1999/{len(whole)}"
    assert client.get(address).data == whole
    assert client.get(address, headers={"Range": "bytes=900000-"}).status_code == 416


def test_sounds_differ_from_challenge_to_challenge_and_between_languages(app):
    first, second = issue("register", "a browser"), issue("register", "a browser")

    assert sound_of("234567", "zh", look_of(first)) != sound_of("234567", "zh", look_of(second))
    assert sound_of("234567", "zh", look_of(first)) != sound_of("234567", "en", look_of(first))


def test_a_sound_is_for_its_own_browser_five_times_in_each_language_beside_five_pictures(client, other):
    challenge = challenge_of(client)

    assert other.get(f"/captcha/{challenge}.zh.wav").status_code == 404
    assert [client.get(f"/captcha/{challenge}.zh.wav").status_code for _ in range(6)] == [200] * 5 + [404]
    assert [client.get(f"/captcha/{challenge}.en.wav").status_code for _ in range(6)] == [200] * 5 + [404]
    assert client.get(f"/captcha/{challenge}.png").status_code == 200


@pytest.mark.parametrize("challenge", ["x", "a.b.c.d", "..%2f..%2fsecret_key", "%00", "a" * 3000, "é.1.register.0"])
def test_a_made_up_sound_is_a_clean_404(client, challenge):
    assert client.get(f"/captcha/{challenge}.zh.wav").status_code == 404


@pytest.mark.parametrize("language", ["de", "ZH", "zh-CN", "..", ""])
def test_there_are_two_languages(client, language):
    assert client.get(f"/captcha/{challenge_of(client)}.{language}.wav").status_code == 404


def test_a_sound_of_an_old_challenge_is_gone(client):
    challenge = challenge_of(client)

    with later(minutes=11):
        assert client.get(f"/captcha/{challenge}.zh.wav").status_code == 404


def test_sounds_are_limited_by_address_block_and_pictures_go_on(client):
    answers = [client.get(f"/captcha/{challenge_of(client)}.zh.wav") for _ in range(21)]

    assert [answer.status_code for answer in answers] == [200] * 20 + [429]
    assert int(answers[-1].headers["Retry-After"]) > 0 and "验证码要得太勤了" in answers[-1].text
    assert client.get(f"/captcha/{challenge_of(client)}.png").status_code == 200
    elsewhere = {"REMOTE_ADDR": "203.0.113.9"}
    assert client.get(f"/captcha/{challenge_of(client)}.en.wav", environ_base=elsewhere).status_code == 200


def test_listening_stores_nothing(client):
    client.get(f"/captcha/{challenge_of(client)}.zh.wav")

    assert db.session.scalar(select(func.count()).select_from(CaptchaUse)) == 0


def chinese(digits):
    return digits.translate(str.maketrans("02345678", "〇二三四五六七八"))


@pytest.mark.parametrize(
    "written",
    [
        str,
        " ".join,
        "\u3000".join,
        chinese,
        lambda digits: chinese(digits).replace("〇", "零"),
        lambda digits: digits.translate({ord(digit): ord(digit) + 0xFEE0 for digit in DIGITS}),
    ],
)
def test_digits_are_read_kindly(app, written):
    challenge = issue("register", "a browser")
    typed = written(digits_of(challenge))

    assert is_right(challenge, "register", "a browser", typed)
    redeem(challenge, "register", "a browser", typed)


def test_picture_and_sound_are_answers_to_one_challenge_and_it_is_used_once(app):
    challenge = issue("register", "a browser")

    redeem(challenge, "register", "a browser", digits_of(challenge))

    assert not is_right(challenge, "register", "a browser", answer_of(challenge))
    with pytest.raises(ChallengeExpired):
        redeem(challenge, "register", "a browser", answer_of(challenge))


@pytest.mark.parametrize("typed", ["", "234567" * 40, "〇", "٢٣٤٥٦٧", "\x00", "²³⁴⁵⁶⁷", "\ud800"])
def test_other_digits_are_wrong(app, typed):
    challenge = issue("register", "a browser")

    assert not is_right(challenge, "register", "a browser", typed)
    with pytest.raises(WrongAnswer):
        redeem(challenge, "register", "a browser", typed)


def test_digits_follow_from_the_challenge_and_are_those_that_can_be_told_apart(app):
    spoken = {digits_of(issue("register", "a browser")) for _ in range(300)}

    assert len(spoken) > 295
    assert {len(digits) for digits in spoken} == {6}
    assert set("".join(spoken)) == set(DIGITS)
    assert not set("19") & set(DIGITS)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_digit_is_there_in_two_voices_and_all_are_small(language):
    names = {path.name for path in (VOICES / language / DIGITS[0]).glob("*.wav")}

    assert len({name.partition("-")[0] for name in names}) == 2
    assert all({path.name for path in (VOICES / language / digit).glob("*.wav")} == names for digit in DIGITS)
    assert {path.name for path in (VOICES / language).iterdir()} == set(DIGITS)
    assert sum(path.stat().st_size for path in VOICES.rglob("*.wav")) <= 700_000
    for path in (VOICES / language).rglob("*.wav"):
        assert 0.25 < len(samples_of(path.read_bytes())) / RATE < 1, path
    assert min(GAP_SECONDS) > HIDDEN_SECONDS
