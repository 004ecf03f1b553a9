"""Things to test with, as they are once the site has made them."""

import email
import email.policy
import re
from dataclasses import replace
from typing import Any

from flask import current_app
from flask.testing import FlaskClient
from sqlalchemy import insert, select, text
from werkzeug.test import TestResponse

from blueprints.articles.front_matter import ArticleFile
from blueprints.articles.models import Article, WorkingCopy
from blueprints.articles.publishing import publish_article, rendered
from blueprints.auth.models import Role, User
from blueprints.auth.passwords import hash_password
from blueprints.auth.registration import create_user
from blueprints.captcha.challenges import answer_of
from blueprints.comments.drafts import draft_of
from blueprints.comments.models import Comment, Status
from blueprints.comments.posting import post_comment
from blueprints.search.rebuilding import first_missing, forget_gone, gone, put_missing
from core import clock, jobs
from core.database import db

PASSWORD = "一把旧伞和三封没寄的信，又下雨了"
ADDRESS_BLOCK = "198.51.100.0/24"


def article(slug: str = "hello", title: str = "纸上的第一篇", author: str = "沈未", **more: Any) -> Article:
    values: dict[str, Any] = {
        "summary": "",
        "published_at": clock.now(),
        "lang": "zh",
        "comments_open": True,
        "body": "第一段。\n\n第二段。",
    } | more
    file = ArticleFile(title=title, slug=slug, author=author, **values)
    made = publish_article(file, rendered(file))
    db.session.commit()
    return made


def user(username: str, address: str, role: Role = Role.READER, password: str = PASSWORD) -> User:
    made = create_user(username, address, hash_password(password), role)
    db.session.commit()
    return made


def comment(
    on: Article, body: str = "同意，写得很慢。", parent: Comment | None = None, *, held: bool = False, **more: Any
) -> Comment:
    """Store a reply; one that is `held` waits for a moderator."""
    values = {"nickname": "南山", "email": "nanshan@example.com", "user": None, "address_block": ADDRESS_BLOCK} | more
    draft = draft_of(body, parent_id=parent.id if parent else None, **values)
    chosen = current_app.config["ZHISHANG"]
    current_app.config["ZHISHANG"] = replace(chosen, comments_hold="all") if held else chosen
    made = post_comment(on, draft).comment
    current_app.config["ZHISHANG"] = chosen
    db.session.commit()
    return made


def many_comments(on: Article, count: int) -> None:
    """Store `count` public root replies at once."""
    now = clock.now()
    rows = [
        {
            "article_id": on.id,
            "nickname": "南山",
            "email": "nanshan@example.com",
            "body": f"第 {floor} 条回复。",
            "body_html": f"<p>第 {floor} 条回复。</p>",
            "status": Status.PUBLISHED,
            "floor": floor,
            "root_floor": floor,
            "published_at": now,
            "created_at": now,
            "is_by_author": False,
        }
        for floor in range(on.last_floor + 1, on.last_floor + count + 1)
    ]
    db.session.execute(insert(Comment), rows)
    on.last_floor += count
    on.comment_count += count
    db.session.commit()
    if count >= 1000:
        take_stock()


def take_stock() -> None:
    """Have PostgreSQL count its rows, as it does by itself within a minute; until then it may plan for an empty table."""
    if db.engine.dialect.name == "postgresql":
        db.session.execute(text("ANALYZE"))
        db.session.commit()


def read_in() -> None:
    """Have search look for what was stored past the rooms, as its worker does."""
    while forget_gone(gone()) or put_missing(first_missing()):
        db.session.commit()


def hidden(page: TestResponse, name: str) -> str:
    """Return a hidden field's value; the last form's, where several have it."""
    found = re.findall(rf'<input type="hidden" name="{name}" value="([^"]*)"', page.text)
    assert found, f"no hidden field {name} on the page"
    return str(found[-1])


def reply_form(browser: FlaskClient, slug: str = "hello", query: str = "", **more: str) -> dict[str, str]:
    """Return what a guest's browser sends when the form under an article is filled in."""
    stamp = hidden(browser.get(f"/articles/{slug}{query}"), "stamp")
    return {"stamp": stamp, "nickname": "南山", "email": "nanshan@example.com", "body": "同意，写得很慢。"} | more


def registration_form(browser: FlaskClient, **more: str) -> dict[str, str]:
    """Return what a browser sends when the registration form is filled in, the captcha answered."""
    page = browser.get("/register")
    challenge = hidden(page, "captcha_id")
    filled = {"username": "山中客", "email": "reader@example.com", "password": PASSWORD, "password_confirm": PASSWORD}
    guards = {"csrf_token": hidden(page, "csrf_token"), "captcha_id": challenge, "captcha": answer_of(challenge)}
    return filled | guards | more


def log_in(
    browser: FlaskClient, username: str, password: str = PASSWORD, *, follow: bool = False, **more: str
) -> TestResponse:
    form = {"username": username, "password": password, "csrf_token": hidden(browser.get("/login"), "csrf_token")}
    return browser.post("/login", data=form | more, follow_redirects=follow)


def send_letters() -> list[Any]:
    """Let the worker do what is due and return all letters in the outbox, oldest first."""
    while jobs.work_once("tests:1"):
        pass
    folder = current_app.config["ZHISHANG"].outbox
    files = sorted(folder.glob("*.eml"), key=lambda path: path.stat().st_mtime_ns)
    return [email.message_from_bytes(path.read_bytes(), policy=email.policy.default) for path in files]


def the_copy() -> WorkingCopy:
    """Return what is being written at the one article."""
    db.session.expire_all()
    return db.session.scalars(select(WorkingCopy)).one()


def link_in(letter: Any) -> str:
    """Return the path of the link a letter carries."""
    found = re.search(r"http://[^/\s]+(/\S+)", letter.get_body(("plain",)).get_content())
    assert found, "no link in the letter"
    return found[1]


def the_comment() -> Comment:
    return db.session.scalars(select(Comment)).one()
