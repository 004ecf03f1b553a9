"""Damaged rows: one that cannot be read is left out, and hides no other."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Row, Select

from core.damage import Damaged, reading
from core.database import db

DAMAGED = (AttributeError, LookupError, TypeError, ValueError)  # what working with a damaged value ends in


def readable(query: Select[*tuple[Any, ...]], key: ColumnElement[int], ids: Sequence[int]) -> Sequence[Row[Any]]:
    """Return what the query finds of these ids; one statement, and one for each id where one of them is damaged."""
    if not ids:
        return []
    try:
        with reading():
            return db.session.execute(query.where(key.in_(ids))).all()
    except Damaged:
        return [row for one in ids for row in readable(query, key, [one])] if len(ids) > 1 else []
