"""What can be found: the words of everything public, kept by the database in an index of its own kind."""

from collections.abc import Sequence

from sqlalchemy import DDL, BigInteger, Dialect, ForeignKey, Integer, Text, event
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import TypeDecorator, TypeEngine

from core.database import Base

POSITIONS = 16_000  # PostgreSQL counts no further than 16,383: in a longer text the count begins again
VECTOR_BYTES_MAX = 1_000_000  # and takes no vector of 1 MB; what comes after it is not found


class Words(TypeDecorator[Sequence[str]]):
    """The words of a text in order: parted by blanks for FTS5, a vector with their positions for PostgreSQL."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[str]:
        return TSVECTOR() if dialect.name == "postgresql" else Text()

    def process_bind_param(self, value: Sequence[str] | None, dialect: Dialect) -> str:
        return _vector(value or ()) if dialect.name == "postgresql" else " ".join(value or ())


def _vector(words: Sequence[str]) -> str:
    positions: dict[str, list[str]] = {}
    size = 0
    for place, word in enumerate(words):
        if word not in positions:
            size += len(word.encode()) + 4
        size += 2
        if size > VECTOR_BYTES_MAX:
            break
        positions.setdefault(word, []).append(str(place % POSITIONS + 1))
    return " ".join(f"'{word}':{','.join(found)}" for word, found in positions.items())


class SearchEntry(Base):
    """One public article, or one public reply: its words, as `words.py` parts them. Put in and taken out, never changed.

    `place` is the order of publication and the key of the index: seconds since 1970, then twice the row's id, one more for a reply.
    The index itself, `search_words`, follows by triggers (SQLite) or is one over both columns (PostgreSQL).
    """

    __tablename__ = "search_entry"

    place: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False
    )
    article_id: Mapped[int] = mapped_column(ForeignKey("article.id", ondelete="CASCADE"), index=True)
    comment_id: Mapped[int | None] = mapped_column(ForeignKey("comment.id", ondelete="CASCADE"), unique=True)
    title: Mapped[Sequence[str]] = mapped_column(Words)
    words: Mapped[Sequence[str]] = mapped_column(Words)


_SQLITE = (
    "CREATE VIRTUAL TABLE search_words USING fts5(title, words, content='search_entry', content_rowid='place', "
    "tokenize=\"ascii tokenchars '|'\", prefix='1')",
    "CREATE TRIGGER search_entry_put AFTER INSERT ON search_entry BEGIN "
    "INSERT INTO search_words (rowid, title, words) VALUES (new.place, new.title, new.words); END",
    "CREATE TRIGGER search_entry_taken AFTER DELETE ON search_entry BEGIN "
    "INSERT INTO search_words (search_words, rowid, title, words) "
    "VALUES ('delete', old.place, old.title, old.words); END",
)
_POSTGRESQL = ("CREATE INDEX search_words ON search_entry USING gin ((title || words))",)

for _dialect, _statements in (("sqlite", _SQLITE), ("postgresql", _POSTGRESQL)):
    for _statement in _statements:
        _made_with = DDL(_statement)  # type: ignore[no-untyped-call]
        event.listen(SearchEntry.__table__, "after_create", _made_with.execute_if(dialect=_dialect))
