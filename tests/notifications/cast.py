"""Readers who want to be told, and what they were told."""

import re

from sqlalchemy import func, select

from blueprints.articles.models import Article
from blueprints.auth.models import User
from blueprints.comments.drafts import draft_of
from blueprints.comments.models import Comment, GuestAddress
from blueprints.comments.posting import place_comment
from blueprints.notifications.following import Target, follow
from blueprints.notifications.models import Frequency, Notification, Why
from core import clock
from core.database import db
from tests.builders import hidden, link_in, reply_form, send_letters


def proved(address: str = "guest@example.com") -> GuestAddress:
    """An address whose owner opened the link of a letter."""
    made = GuestAddress(email=address, email_key=address, proved_at=clock.now())
    db.session.add(made)
    db.session.commit()
    return made


def many_guests(count: int) -> list[GuestAddress]:
    """Addresses whose owners opened the link of a letter."""
    names = [f"g{number}@example.com" for number in range(count)]
    made = [GuestAddress(email=name, email_key=name, proved_at=clock.now()) for name in names]
    db.session.add_all(made)
    db.session.flush()
    return made


def written(on: Article, body: str, parent: Comment | None = None, nickname: str = "半夏") -> Comment:
    """Make a reply public at once, whatever screening would say to so many of them."""
    draft = draft_of(
        body,
        parent_id=parent.id if parent else None,
        nickname=nickname,
        email="ban@example.com",
        user=None,
        address_block="",
    )
    made = place_comment(on, draft, is_by_author=False, published_at=clock.now())
    db.session.commit()
    return made


def followed(reader, *, article=None, root=None, person=None, often=Frequency.AT_ONCE):
    """Let somebody follow an article, a thread or a person."""
    chosen = {"article_id": article, "root_id": root, "person_id": person}
    ((column, row),) = [(column, row) for column, row in chosen.items() if row is not None]
    on = article or getattr(row, "article", None)
    follow(Target(column, row.id, on), reader, often)  # type: ignore[arg-type]  # a person is followed wherever one meets them
    db.session.commit()


def lines() -> list[tuple[str, Why]]:
    """Who was told, and why, in the order of the rows."""
    whom = func.coalesce(User.email, GuestAddress.email)
    rows = select(whom, Notification.why).outerjoin(Notification.user).outerjoin(Notification.address)
    return [(email, why) for email, why in db.session.execute(rows.order_by(Notification.id)).all()]


def open_letter(browser, letter) -> None:
    """Open the link of a letter and press the button there, with the boxes as they are."""
    page = browser.get(link_in(letter))
    ticked = re.findall(r'name="wishes" value="(\d+)" checked', page.text)
    browser.post(link_in(letter), data={"csrf_token": hidden(page, "csrf_token"), "wishes": ticked})


def opened(browser, address: str = "nanshan@example.com") -> GuestAddress:
    """Prove an address in this browser, by the letter that a ticked reply under "hello" asked for."""
    browser.post("/articles/hello/comments", data=reply_form(browser, email=address, notify="y"))
    open_letter(browser, send_letters()[-1])
    return db.session.scalars(select(GuestAddress).where(GuestAddress.email_key == address)).one()


def text_of(letter) -> str:
    """Return both parts of a letter."""
    return str(letter.get_body(("plain",)).get_content() + letter.get_body(("html",)).get_content())


def stop_path(letter) -> str:
    """Return the path that ends letters like this one."""
    return "/letters/stop/" + str(letter["List-Unsubscribe"]).strip(" <>").rpartition("/")[2]
