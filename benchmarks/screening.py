"""How often is screening right, and what does it cost? `python -m benchmarks.screening [--database URI]`

Origin of the texts: all of them are our own (`benchmarks/screening_texts.py`). The classifier learns from ten templates of
advertisements, filled twelve times each, and from the demonstration's replies and its English article; it is measured on fourteen other
templates, filled twenty times each, about other subjects, and on other replies. Every text comes alone, from a guest nobody
knows, on a site without rules, where no link was seen before: the worst case for a link, and none for rates.

Prints, with nothing learned and with the classifier: what became of advertisements and replies (published, captcha, waits),
precision and recall of what waits, and how often each check spoke; then how many later copies of each template are known as
copies; then the processor's milliseconds a reply and the size of what was learned. The exit status is 1 when the classifier
takes more than 2 ms a reply at the median or 5 MB, or when a look-up among 3,000 texts takes more than six statements.
"""

import argparse
import sys
import tempfile
import time
import zlib
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from statistics import median

from sqlalchemy import event, insert

from app import create_app
from benchmarks.screening_texts import (
    REPLIES,
    TEST,
    TRAINING,
    advertisements,
    demonstration_replies,
    english_paragraphs,
)
from blueprints.articles.front_matter import ArticleFile
from blueprints.articles.models import Article
from blueprints.articles.publishing import publish_article, rendered
from blueprints.comments.checks import CHECKS, Finding
from blueprints.comments.classifying import Model, model_of, text_of
from blueprints.comments.drafts import Draft
from blueprints.comments.evidence import Evidence
from blueprints.comments.likeness import is_like, letters_of, near, simhash
from blueprints.comments.links import links_in
from blueprints.comments.models import Comment, Status
from blueprints.comments.screening import HOLD, PROOF, judge, look_at
from blueprints.comments.thread_queries import NOBODY
from core import clock
from core.config import Settings
from core.database import db, writing
from core.markup import render_comment

MILLISECONDS_MAX, BYTES_MAX, STATEMENTS_MAX = 2.0, 5_000_000, 6
STORED = 3_000


def draft(body: str) -> Draft:
    return Draft("读者", "reader@example.com", body, render_comment(body), None, "198.51.100.0/24")


def findings(body: str, model: Model | None) -> list[Finding]:
    """Return what the checks find in a text that comes alone."""
    sent = draft(body)
    evidence = Evidence(sent, links=links_in(sent.body_html), model=model)
    return [one for check in CHECKS if (one := check(evidence)) is not None]


def outcome(found: Sequence[Finding]) -> str:
    points = sum(one.points for one in found)
    return "waits" if points >= HOLD else "captcha" if points >= PROOF else "published"


def judged(title: str, unwanted: Sequence[str], wanted: Sequence[str], model: Model | None) -> None:
    """Print what became of the texts."""
    found = {
        kind: [findings(text, model) for text in texts]
        for kind, texts in (("advertisements", unwanted), ("replies", wanted))
    }
    print(f"\n{title}\n{'':16} {'published':>10} {'captcha':>8} {'waits':>6}")
    ends = {kind: Counter(map(outcome, lists)) for kind, lists in found.items()}
    for kind, counts in ends.items():
        print(f"{kind:16} {counts['published']:10} {counts['captcha']:8} {counts['waits']:6}")
    caught, wrong = ends["advertisements"]["waits"], ends["replies"]["waits"]
    print(f"waits: precision {caught / max(1, caught + wrong):.3f}, recall {caught / len(unwanted):.3f}")
    stopped = caught + ends["advertisements"]["captcha"]
    asked = wrong + ends["replies"]["captcha"]
    print(f"waits or captcha: precision {stopped / max(1, stopped + asked):.3f}, recall {stopped / len(unwanted):.3f}")
    for check in sorted({one.check for lists in found.values() for one_list in lists for one in one_list}):
        hits = [sum(any(one.check == check for one in found_in) for found_in in lists) for lists in found.values()]
        print(f"  {check:10} in {hits[0]:4} of {len(unwanted)} advertisements, {hits[1]:3} of {len(wanted)} replies")


def copies_known() -> None:
    """Print how many of the later fillings of each template are known as copies of an earlier one."""
    known, all_copies = 0, 0
    for number in range(len(TEST)):
        texts = [letters_of(text) for at, text in advertisements(TEST, 20, seed=3) if at == number]
        hashes = [simhash(text) or 0 for text in texts]
        for place in range(2, len(texts)):
            candidates = near(hashes[place], list(enumerate(hashes[:place])))
            known += any(is_like(texts[place], texts[earlier]) for earlier in candidates)
            all_copies += 1
    replies = [letters_of(text) for text in (*REPLIES, *demonstration_replies())]
    pairs = [
        (a, b)
        for place, a in enumerate(replies)
        for b in replies[:place]
        if len(a) >= 20 <= len(b) and a not in b and b not in a
    ]
    alike = sum(bool(near(simhash(a) or 0, [(0, simhash(b) or 0)])) for a, b in pairs)
    wrong = sum(is_like(a, b) for a, b in pairs)
    print(
        f"\ncopies: {known} of {all_copies} later fillings known; of {len(pairs)} pairs of replies {alike} compared, {wrong} taken for copies"
    )


def milliseconds(deed: Callable[[], object], rounds: int = 200) -> float:
    """Return the median of the processor's milliseconds."""
    times = []
    for _ in range(rounds):
        began = time.process_time()
        deed()
        times.append((time.process_time() - began) * 1000)
    return median(times)


def looked_up(database: str, text: str) -> tuple[float, int]:
    """Return the milliseconds and the statements of screening one reply on a site with 3,000 texts of the last days."""
    with tempfile.TemporaryDirectory(prefix="zhishang-benchmark-") as folder:
        app = create_app(Settings(instance=Path(folder), database_uri=database, demo=False), testing=True)
        with app.app_context():
            db.create_all()
            article = _stored()
            statements: list[str] = []
            event.listen(
                db.engine, "before_cursor_execute", lambda _c, _k, statement, *_more: statements.append(statement)
            )

            def screen() -> None:
                judge(look_at(article, draft(text), NOBODY), is_guest=True, is_person=True)

            screen()
            statements.clear()
            screen()
            count = sum(not one.startswith(("SAVEPOINT", "RELEASE", "BEGIN")) for one in statements)
            cost = milliseconds(screen, rounds=50)
            db.session.rollback()
            db.session.remove()
            db.engine.dispose()
            return cost, count


def _stored() -> Article:
    file = ArticleFile("一篇", "one", "作者", "", clock.now(), "zh", True, "第一段。")
    with writing():
        article = publish_article(file, rendered(file))
        db.session.flush()
        texts = [
            f"第 {number} 位读者写的：{REPLIES[number % len(REPLIES)]}{chr(0x4E00 + number)}"
            for number in range(STORED)
        ]
        now = clock.now()
        row = {
            "article_id": article.id,
            "nickname": "读者",
            "status": Status.PUBLISHED,
            "is_by_author": False,
        }
        rows = [
            row
            | {"body": one, "body_html": f"<p>{one}</p>", "simhash": simhash(letters_of(one)), "floor": number + 1}
            | {"created_at": now - timedelta(minutes=2 * (STORED - number))}
            for number, one in enumerate(texts)
        ]
        db.session.execute(insert(Comment), rows)
        db.session.commit()
    return article


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(prog="python -m benchmarks.screening", description=__doc__)
    options.add_argument(
        "--database", default="", help="a PostgreSQL address; by default SQLite in a folder of its own"
    )
    chosen = options.parse_args()
    taught = [(text_of("读者", text), False) for _number, text in advertisements(TRAINING, 12, seed=1)]
    taught += [(text_of("读者", text), True) for text in (*demonstration_replies(), *english_paragraphs())]
    model = model_of(taught)
    if model is None:
        raise SystemExit("too few texts to learn from")
    unwanted = [text for _number, text in advertisements(TEST, 20, seed=2)]
    print(f"learned from {len(taught)} texts; measured on {len(unwanted)} advertisements and {len(REPLIES)} replies")
    judged("with nothing learned", unwanted, REPLIES, None)
    judged("with the classifier", unwanted, REPLIES, model)
    copies_known()
    sys.exit(1 if _costs(model, chosen.database) else 0)


def _costs(model: Model, database: str) -> bool:
    """Print what a reply costs and tell whether it is too much."""
    texts = [text_of("读者", text) for text in REPLIES]
    long = text_of("读者", "".join(demonstration_replies()))[:20_000]
    model.chance(long)  # the weights are made once in each process
    each = median(milliseconds(lambda text=text: model.chance(text), rounds=20) for text in texts)  # type: ignore[misc]
    size = len(zlib.compress(model.wanted.tobytes() + model.unwanted.tobytes()))
    memory = sum(len(part) * part.itemsize for part in (model.wanted, model.unwanted, model.weights))
    print(
        f"\nclassifier: {each:.2f} ms a reply, {milliseconds(lambda: model.chance(long)):.2f} ms for 20,000 characters"
    )
    print(f"what was learned: {size / 1000:.0f} kB stored, {memory / 1000:.0f} kB in memory")
    checks = median(milliseconds(lambda text=text: findings(text, model), rounds=10) for text in REPLIES)  # type: ignore[misc]
    print(
        f"all checks with Markdown: {checks:.2f} ms a reply, {milliseconds(lambda: findings(long, model), 10):.1f} ms for 20,000 characters"
    )
    cost, count = looked_up(database, REPLIES[0])
    print(f"screening whole, among {STORED} texts: {cost:.1f} ms, {count} statements")
    return each > MILLISECONDS_MAX or size > BYTES_MAX or memory > BYTES_MAX or count > STATEMENTS_MAX


if __name__ == "__main__":
    main()
