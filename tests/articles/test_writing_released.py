"""From the desk to readers: the check, publishing now and at a time, withdrawing, deleting, the file."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import delete, func, select

from blueprints.articles.front_matter import read_article_file
from blueprints.articles.models import Article, FormerSlug
from blueprints.articles.scheduling import forget_deleted, publish_overdue
from core import clock, jobs
from core.config import settings
from core.database import db, writing
from core.i18n import day
from core.jobs import Job
from tests import builders
from tests.moments import later
from tests.states_of_writing import BODY, act, draft, press, published, write


def the_article(slug: str = "rainy-night") -> Article:
    db.session.expire_all()
    return db.session.scalars(select(Article).where(Article.slug == slug)).one()


def in_site_time(moment) -> str:
    return f"{moment.astimezone(settings().timezone):%Y-%m-%dT%H:%M}"


def scheduled(browser, **ahead: float) -> str:
    path = draft(browser)
    answer = press(browser, f"{path}/publish", when="later", at=in_site_time(clock.now() + timedelta(**ahead)))
    assert answer.location == path
    return path


def work():
    while jobs.work_once("tests:1"):
        pass
    db.session.expire_all()


def test_publishing_puts_up_everything_the_editor_holds(client, other, shen):
    path = draft(
        client,
        series="夜里的信",
        series_slug="letters",
        canonical="https://example.org/a",
        comments="days",
        close_days="14",
    )

    answer = press(client, f"{path}/publish")

    article = the_article()
    assert answer.status_code == 303 and answer.location == "/articles/rainy-night"
    assert (article.title, article.summary, article.body, article.lang) == ("雨夜", "一封没有寄的信。", BODY, "zh")
    assert {tag.name for tag in article.tags} == {"随笔", "夜里"}
    assert article.series is not None
    assert (article.series.title, article.series.slug, article.series_place) == ("夜里的信", "letters", 1)
    assert (article.canonical, article.comments_open, article.comments_close_days) == (
        "https://example.org/a",
        True,
        14,
    )
    assert other.get("/articles/rainy-night").status_code == 200


def test_followers_are_told_once_it_is_public_and_not_again_for_a_change(client, shen):
    path = draft(client)
    told = select(func.count()).select_from(Job).where(Job.kind == "tell")
    assert db.session.scalar(told) == 0

    press(client, f"{path}/publish")
    write(client, path, body="改过的。")
    press(client, f"{path}/publish")

    assert db.session.scalar(told) == 1


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"title": ""}, "请写标题。"),
        ({"title": "长" * 201}, "标题最多 200 个字。"),
        ({"title": "看不\u200b见"}, "标题里有看不见的字符"),
        ({"body": ""}, "正文还是空的。"),
        ({"slug": "Not A Slug"}, "地址只能用"),
        ({"slug": "hello"}, "是或者曾经是另一篇文章的"),
        ({"lang": "xx"}, "请选一种语言。"),
        ({"tags": "，".join(f"签{number}" for number in range(13))}, "最多 12 个标签"),
        ({"tags": "长" * 41}, "1 到 40 个字"),
        ({"canonical": "javascript:alert(1)"}, "首发地址要以 https:// 开头。"),
        ({"canonical": "https://[::1/"}, "首发地址要以 https:// 开头。"),
        ({"comments": "days", "close_days": "很多"}, "几天后关闭"),
        ({"series": "夜", "series_place": "第一"}, "第几篇要写一个数字。"),
        ({"translation_of": "nowhere"}, "没有这个地址的另一篇文章。"),
        ({"summary": "长" * 401}, "提要最多 400 个字。"),
    ],
)
def test_what_is_wrong_is_saved_and_told_before_it_is_published(client, shen, article, more, words):
    path = draft(client, **more)

    page = client.get(f"{path}/publish")
    answer = press(client, f"{path}/publish")

    assert page.status_code == 200 and words in page.text
    assert answer.status_code == 422 and words in answer.text
    assert db.session.scalars(select(Article.published_at).where(Article.id != article.id)).one() is None


def test_advice_is_given_and_blocks_nothing(client, shen):
    body = "很长的一段话。" * 100 + "\n\n## 一\n\n#### 跳了级\n\n见[那一篇](/articles/nowhere)。"
    path = draft(client, summary="", tags="", title="很长的标题" * 10, body=body)

    page = client.get(f"{path}/publish").text

    for words in (
        "没有提要",
        "没有标签",
        "标题超过 40 个字",
        "1 处小标题跳了级",
        "这一段有 700 字",
        "/articles/nowhere",
    ):
        assert words in page, words
    assert press(client, f"{path}/publish").status_code == 303


def test_a_good_text_has_nothing_to_mend(client, shen, article):
    path = draft(client, body="见[那一篇](/articles/hello)。\n\n## 一\n\n### 二\n\n完。")

    assert "没有发现要改的地方。" in client.get(f"{path}/publish").text


@pytest.mark.parametrize(("title", "slug"), [("Slow Reading!", "slow-reading"), ("夜里的信", r"\d{4}-\d\d-\d\d")])
def test_an_article_without_an_address_gets_one(client, shen, title, slug):
    first, second = (draft(client, title=title, slug="") for _ in range(2))

    found = [press(client, f"{path}/publish").location for path in (first, second)]

    assert re.fullmatch(f"/articles/{slug}", found[0]) and found[1] == f"{found[0]}-2"


def test_an_address_that_looks_like_one_for_the_time_being_stays(client, shen):
    path = published(client, title="Draft legislation", slug="", lang="en")
    stands = re.findall(r'<input[^>]*name="slug"[^>]*value="([^"]*)"', client.get(path).text)

    write(client, path, title="A new title", slug=stands[0], lang="en")

    assert press(client, f"{path}/publish").location == "/articles/draft-legislation"


def test_a_former_address_leads_on_for_ever(client, other, shen):
    path = published(client)
    write(client, path, slug="night-letters")
    assert "/articles/rainy-night" in client.get(f"{path}/publish").text

    press(client, f"{path}/publish")

    assert other.get("/articles/rainy-night").location == "/articles/night-letters"
    assert db.session.scalars(select(FormerSlug.slug)).all() == ["rainy-night"]


def test_a_text_saved_since_the_check_is_not_published_unseen(client, shen):
    path = draft(client)
    stale = {name: builders.hidden(client.get(f"{path}/publish"), name) for name in ("csrf_token", "mark")}
    write(client, path, body="之后写的。")

    answer = client.post(f"{path}/publish", data=stale)

    assert answer.status_code == 409 and "刚才又保存过别的内容" in answer.text
    assert the_article_of(path).published_at is None


def the_article_of(path: str) -> Article:
    db.session.expire_all()
    return db.session.get_one(Article, int(path.rsplit("/", 1)[-1]))


def test_what_was_published_from_a_file_meanwhile_is_told_and_kept(client, other, shen):
    path = published(client)
    write(client, path, body="桌上写的。")
    builders.article("rainy-night", "雨夜", body="文件里来的。", published_at=None)

    page = client.get(f"{path}/publish").text
    press(client, f"{path}/publish")

    assert "开始改之后，这篇文章又发布过一次" in page
    assert "桌上写的" in other.get("/articles/rainy-night").text
    assert "文件里来的" in other.get("/articles/rainy-night/changes").text


def test_a_scheduled_article_is_public_at_its_time_and_not_before(client, other, shen):
    path = scheduled(client, hours=3)
    at = the_article().scheduled_at
    assert "定在" in client.get(path).text and "发表" in client.get("/write").text

    work()
    assert other.get("/articles/rainy-night").status_code == 404
    with later(hours=3, minutes=1):
        work()
        assert other.get("/articles/rainy-night").status_code == 200
        assert "雨夜" in other.get("/").text

    article = the_article()
    assert (article.published_at, article.scheduled_at) == (at, None)
    assert db.session.scalar(select(func.count()).select_from(Job).where(Job.kind == "tell")) == 1


def test_changes_after_scheduling_do_not_count_until_published_again(client, other, shen):
    path = scheduled(client, hours=1)
    write(client, path, body="之后又改的。")
    assert "要再按一次“发布”才算数" in client.get(path).text

    with later(hours=2):
        work()
        assert "之后又改的" not in other.get("/articles/rainy-night").text


def test_put_off_it_is_not_published(client, other, shen):
    path = scheduled(client, hours=1)
    act(client, path, "unschedule")

    with later(hours=2):
        work()
        assert other.get("/articles/rainy-night").status_code == 404
    assert act(client, path, "unschedule").status_code == 409


def test_scheduled_anew_it_is_published_at_the_new_time_only(client, other, shen):
    path = scheduled(client, hours=1)
    press(client, f"{path}/publish", when="later", at=in_site_time(clock.now() + timedelta(hours=5)))

    with later(hours=2):
        work()
        assert other.get("/articles/rainy-night").status_code == 404
    with later(hours=6):
        work()
        assert other.get("/articles/rainy-night").status_code == 200


def test_one_whose_job_is_gone_is_told_as_late_and_published_all_the_same(client, other, shen):
    path = scheduled(client, hours=1)
    db.session.execute(delete(Job))
    db.session.commit()

    with later(hours=2):
        assert "还没有发表出去" in client.get("/write").text and "还没有发表出去" in client.get(path).text
        with writing():
            publish_overdue()
            db.session.commit()
        assert other.get("/articles/rainy-night").status_code == 200


@pytest.mark.parametrize(
    "at", ["", "明天", "2020-01-01T08:00", "9999-12-31T23:59", "2026-13-45T99:99", "\u0662026-01-01"]
)
def test_a_time_that_is_none_or_over_is_refused(client, shen, at):
    path = draft(client)

    answer = press(client, f"{path}/publish", when="later", at=at)

    assert answer.status_code == 422 and the_article_of(path).scheduled_at is None


def test_a_withdrawn_article_is_gone_and_comes_back_with_its_replies(client, other, shen):
    path = published(client)
    builders.comment(the_article(), "同意，写得很慢。")

    act(client, path, "withdraw")
    assert other.get("/articles/rainy-night").status_code == 410
    assert "已撤下" in client.get("/write").text
    assert act(client, path, "withdraw").status_code == 409

    act(client, path, "restore")
    assert "写得很慢" in other.get("/articles/rainy-night").text
    assert act(client, path, "restore").status_code == 409


def test_what_a_moderator_took_down_is_not_said_to_be_the_authors_doing(app, client, other, shen, lin):
    path = published(client)
    builders.log_in(other, "林舟")

    act(other, path, "withdraw")

    page = app.test_client().get("/articles/rainy-night")
    assert page.status_code == 410 and "这篇文章已经撤下。" in page.text and "由作者" not in page.text
    for page in (client.get(path), client.get("/write")):
        assert "只有编辑能恢复" in page.text and f"{path}/restore" not in page.text


def test_what_a_moderator_took_down_only_moderators_bring_back(client, other, shen, lin):
    path = published(client)
    builders.log_in(other, "林舟")
    act(other, path, "withdraw")
    write(client, path, body="换一份再发。")

    assert act(client, path, "restore").status_code == 403
    again = press(client, f"{path}/publish")
    assert again.status_code == 409 and "编辑恢复以后才能发布" in again.text
    assert the_article().withdrawn_at is not None

    act(other, path, "restore")
    assert press(client, f"{path}/publish").status_code == 303
    act(client, path, "withdraw")
    assert act(client, path, "restore").status_code == 303 and the_article().withdrawn_at is None


def test_a_deleted_draft_can_be_restored_for_thirty_days(client, shen):
    path = draft(client)
    act(client, path, "withdraw")
    assert "已删除" in client.get("/write").text and press(client, f"{path}/publish").status_code == 409

    with later(days=29), writing():
        forget_deleted()
        db.session.commit()
    act(client, path, "restore")
    assert BODY.split("\n")[0] in client.get(path).text

    act(client, path, "withdraw")
    with later(days=31), writing():
        forget_deleted()
        db.session.commit()
    assert client.get(path).status_code == 404


def test_a_deleted_draft_that_is_written_on_is_kept_from_then_on(client, shen):
    path = draft(client)
    act(client, path, "withdraw")
    with later(days=29):
        builders.log_in(client, "沈未")
        write(client, path, body="又写了很久，昨天刚存的。")
        gone_at = clock.now() + timedelta(days=30)
        assert f"已删除，{day(gone_at)}消失。" in client.get(path).text

    with later(days=31), writing():
        forget_deleted()
        db.session.commit()
    with later(days=31):
        builders.log_in(client, "沈未")
        assert "昨天刚存的" in client.get(path).text
    with later(days=60), writing():
        forget_deleted()
        db.session.commit()

    assert client.get(path).status_code == 404


def test_no_public_article_is_ever_dropped(client, shen):
    path = published(client)
    act(client, path, "withdraw")

    with later(days=400), writing():
        forget_deleted()
        db.session.commit()

    assert client.get(path).status_code == 200


def test_changes_that_are_let_go_are_kept_among_the_former_texts(client, shen):
    path = published(client)
    write(client, path, body="写了又不要的。")

    act(client, path, "drop")

    assert "写了又不要的" not in client.get(path).text
    version = re.findall(r"/revisions/(\d+)", client.get(f"{path}/revisions").text)[0]
    assert "写了又不要的" in client.get(f"{path}/revisions/{version}").text


def test_a_button_of_an_old_page_changes_nothing(client, shen):
    path = published(client)

    answer = client.post(f"{path}/withdraw", data={"csrf_token": "x"})

    assert answer.status_code == 303 and the_article().withdrawn_at is None


@pytest.mark.parametrize("slug", ["中文地址", 'a"; filename="evil.html', "a\tb", "é", "长" * 300])
def test_the_file_of_an_address_that_is_none_has_a_plain_name(client, shen, slug):
    path = draft(client, slug=slug)

    named = client.get(f"{path}/file").headers["Content-Disposition"]

    assert named == f'attachment; filename="article-{path.rsplit("/", 1)[-1]}.md"'


def test_the_file_is_read_as_the_same_article(client, shen, tmp_path, article):
    path = published(
        client, series="夜里的信", series_slug="letters", translation_of="hello", comments="days", close_days="14",
        title='"引号"里的 # 题: 目', canonical="https://example.org/a",
    )  # fmt: skip
    write(client, path, slug="night", title='"引号"里的 # 题: 目"', series="夜里的信", series_slug="letters", body=BODY)
    press(client, f"{path}/publish")

    answer = client.get(f"{path}/file")

    assert answer.headers["Content-Disposition"] == 'attachment; filename="night.md"'
    place = tmp_path / "night.md"
    place.write_bytes(answer.data)
    read = read_article_file(place)
    assert (read.title, read.slug, read.was, read.body) == ('"引号"里的 # 题: 目"', "night", ("rainy-night",), BODY)
    assert (read.summary, read.author, set(read.tags)) == ("一封没有寄的信。", "沈未", {"随笔", "夜里"})
    assert (read.series, read.series_slug, read.is_draft) == ("夜里的信", "letters", False)
    published_at = the_article("night").published_at
    assert published_at is not None and read.published_at == published_at.replace(second=0, microsecond=0)
