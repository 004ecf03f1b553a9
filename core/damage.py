"""Damaged rows: SQLite holds anything in any column, and any database a state that is none. What cannot be read hides nothing else."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from sqlalchemy import Enum, Integer, Select, String, inspect
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.types import TypeEngine

from core.database import Base, db

Item = TypeVar("Item")
Kind = type[str] | type[int] | None
Key = InstrumentedAttribute[int]


class Damaged(ValueError):
    """A row holds what its columns cannot."""


@contextmanager
def reading() -> Iterator[None]:
    """Let whatever reading a damaged row ends in be Damaged."""
    try:
        yield
    except (LookupError, TypeError, ValueError) as fault:
        raise Damaged from fault
    except OperationalError as fault:
        if "decode" not in str(fault.orig):
            raise
        raise Damaged from fault


def kind_of(column_type: TypeEngine[Any]) -> Kind:
    """Return what a column of text or whole numbers holds; every other type is looked at as it is read."""
    if isinstance(column_type, String) and not isinstance(column_type, Enum):
        return str
    return int if isinstance(column_type, Integer) else None


def demand_kinds(values: Iterable[Any], kinds: Iterable[Kind]) -> None:
    """Raises Damaged where a value is not of its kind."""
    for value, kind in zip(values, kinds, strict=True):
        if kind is not None and value is not None and not isinstance(value, kind):
            raise Damaged


def whole(rows: Select[Item]) -> Sequence[Item]:
    """Return what a query finds, with everything it loads beside it. Raises Damaged."""
    with reading():
        found = db.session.scalars(rows).all()
    for one in found:
        _demand_whole(one)
    return found


def _demand_whole(one: Any) -> None:
    beside = [value for value in vars(one).values() if isinstance(value, Base)]
    for entity in (one, *beside):
        columns = inspect(type(entity)).column_attrs
        values = (vars(entity).get(column.key) for column in columns)
        demand_kinds(values, (kind_of(column.columns[0].type) for column in columns))


def whole_by_id(table: type[Item], row_id: int) -> Item | None:
    """Return the row with this id, None where there is none or it is damaged."""
    try:
        with reading():
            one = db.session.get(table, row_id)
        if one is not None:
            _demand_whole(one)
    except Damaged:
        return None
    return one


def readable(rows: Select[Item], key: Key) -> Sequence[Item]:
    """Return what a query finds: where rows of it are damaged, as many others. `key` is what one row is known by."""
    return read_by(whole, rows, key)


def read_by(read: Callable[[Any], Sequence[Item]], rows: Select[Any], key: Key) -> Sequence[Item]:
    """Return what `read` makes of a query, or where it raises Damaged, of the query without the rows it raises that for."""
    try:
        return read(rows)
    except Damaged:
        broken = [one for one in db.session.scalars(rows.with_only_columns(key)) if _is_broken(read, rows, key, one)]
        if not broken:
            raise
        return read_by(read, rows.where(key.not_in(broken)), key)


def _is_broken(read: Callable[[Any], Sequence[Any]], rows: Select[Any], key: Key, one: int) -> bool:
    try:
        read(rows.where(key == one))
    except Damaged:
        return True
    return False
