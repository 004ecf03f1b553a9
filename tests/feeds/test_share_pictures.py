"""The picture beside a shared link: drawn once, kept, and only of what is public."""

import io
import shutil
from concurrent.futures import ThreadPoolExecutor, as_completed

import pytest
from PIL import Image

from blueprints.feeds import share_pictures
from blueprints.feeds.drawing import MISSING, Card, drawable, picture_of
from blueprints.feeds.share_pictures import card_of, name_of, share_picture
from core import clock
from core.config import settings
from core.database import db
from core.errors import Busy, TooManyRequests
from core.throttle import Limit, take
from tests import builders
from tests.builders import ADDRESS_BLOCK

CARD = Card("慢慢读", "沈未", "纸上")
OURS = "127.0.0.0/24"


@pytest.fixture(autouse=True)
def folder(app):
    """No picture is left from another test."""
    folder = settings().instance / "share"
    shutil.rmtree(folder, ignore_errors=True)
    return folder


def test_the_picture_has_the_size_that_is_told_and_other_sites_may_show_it(client, article):
    answer = client.get("/articles/hello/share.png")

    image = Image.open(io.BytesIO(answer.data))
    assert (image.format, image.size) == ("PNG", (1200, 630)) and len(answer.data) < 60_000
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert client.get("/articles/hello/share.png", headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304


def test_another_title_is_another_picture(client, article):
    before = client.get("/articles/hello/share.png").data
    name = name_of(card_of(article))

    article.title = "换了一个题目"
    db.session.commit()

    assert client.get("/articles/hello/share.png").data != before
    assert name_of(card_of(article)) != name


@pytest.fixture
def ask(app):
    """Ask for a picture, in a thread of one's own."""

    def ask(card):
        with app.app_context():
            return share_picture(card, ADDRESS_BLOCK)

    return ask


def is_drawn_elsewhere(card):
    """Have another process draw the picture of a card this moment."""
    take(f"share picture {name_of(card)}.png", [share_pictures.ONCE])


def test_a_picture_is_drawn_once_however_many_ask(ask, folder):
    with ThreadPoolExecutor(8) as asking:
        pictures = set(asking.map(ask, [CARD] * 24))

    assert len(pictures) == 1
    assert [path.stem for path in folder.iterdir()] == [name_of(CARD)]
    assert take(f"share pictures {ADDRESS_BLOCK}", [Limit(2, 60)]) == 0, "only one was counted before this"
    assert take(f"share pictures {ADDRESS_BLOCK}", [Limit(2, 60)]) > 0


def use_up(block):
    for _number in range(share_pictures.DRAWN.count):
        take(f"share pictures {block}", [share_pictures.DRAWN])


def test_no_more_than_some_are_drawn_in_a_minute(client, article):
    use_up(OURS)

    refused = [client.get("/articles/hello/share.png") for _time in range(2)]

    assert [one.status_code for one in refused] == [429, 429] and int(refused[0].headers["Retry-After"]) > 0
    with pytest.raises(TooManyRequests):
        share_picture(Card("另一篇", "沈未", "纸上"), OURS)


def test_whoever_asks_for_too_many_uses_up_nobody_elses(client, article):
    """S16."""
    use_up(OURS)

    elsewhere = client.get("/articles/hello/share.png", environ_base={"REMOTE_ADDR": "203.0.113.9"})

    assert elsewhere.status_code == 200


def test_waiting_for_one_picture_keeps_no_other_from_being_drawn(ask, folder):
    folder.mkdir()
    is_drawn_elsewhere(CARD)

    with ThreadPoolExecutor(1) as asking:
        waiting = asking.submit(ask, CARD)
        ask(Card("另一篇", "沈未", "纸上"))
        was_waiting = not waiting.done()
        (folder / f"{name_of(CARD)}.png").write_bytes(b"drawn elsewhere")

    assert was_waiting and waiting.result() == b"drawn elsewhere"


def test_a_few_wait_for_pictures_the_others_come_back(ask, folder, choose):
    choose(threads=4)
    folder.mkdir()
    is_drawn_elsewhere(CARD)

    with ThreadPoolExecutor(4) as asking:
        answers = as_completed([asking.submit(ask, CARD) for _number in range(4)])
        refused = [next(answers).exception() for _number in range(3)]
        (folder / f"{name_of(CARD)}.png").write_bytes(b"drawn elsewhere")
        kept = next(answers)

    assert [type(one) for one in refused] == [Busy] * 3
    assert kept.result() == b"drawn elsewhere"


def test_the_oldest_pictures_make_room(app, folder):
    folder.mkdir()
    for number in range(share_pictures.KEPT_MAX + 5):
        (folder / f"{number}.png").write_bytes(b"")

    kept = share_picture(CARD, ADDRESS_BLOCK)

    assert len(list(folder.iterdir())) == share_pictures.KEPT_MAX
    assert share_picture(CARD, ADDRESS_BLOCK) == kept


def test_what_is_not_public_has_no_picture(client, app, folder):
    """T54."""
    gone, draft = builders.article("gone"), builders.article("draft")
    gone.withdrawn_at, draft.published_at = clock.now(), None
    db.session.commit()

    assert client.get("/articles/gone/share.png").status_code == 410
    assert client.get("/articles/draft/share.png").status_code == 404
    assert not folder.exists()


@pytest.mark.parametrize(
    "title", ["", " ", "😀", "عنوان", "\x00\x0b", "长" * 5000, "x" * 5000, "——" * 300, "𠮷" * 50, "a " * 3000]
)
def test_any_title_becomes_a_picture(app, title):
    image = Image.open(io.BytesIO(picture_of(Card(title, title, "纸上"))))

    assert image.size == (1200, 630)
    field = image.convert("L").crop((96, 160, 1104, 520))
    assert min(field.tobytes()) < 50, "something is set in the field of the title"


def test_letters_the_font_lacks_are_marked_and_signs_left_out():
    assert drawable("简体 繁體 かな Ωλ é\u0301 — “引”") != ""
    assert MISSING not in drawable("简体，繁體：かな Ωλ Жя é “引”——《书》……")
    assert drawable("龘😀\n书\u202e") == f"{MISSING} 书"
    assert drawable("a “quoted” word") == 'a "quoted" word'
