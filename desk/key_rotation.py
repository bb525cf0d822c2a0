"""Gives personal data a new key while the desk runs.

1. The ring gets a new version. Processes that run learn of it within `LOOK_AGAIN_S`, or at once
   when they meet a value of it; `rotate` waits longer than that.
2. Every encrypted column is rewritten in batches, each in a transaction of its own: a value is
   replaced only if it is still the one that was read. A run that was cut short goes on where it
   stopped, since what is done no longer begins with an old version.
3. When nothing old is left, old keys may be dropped from the ring (`drop_old_keys`).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, ColumnElement, Table, and_, func, select, type_coerce, update
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import Session
from sqlalchemy.types import LargeBinary, Text

from desk.audit.actions import Action
from desk.audit.trail import record
from desk.database import Base, Database
from desk.encryption import EncryptedBytes, EncryptedText, personal_data, prefix_of

BATCH = 500
FILES_AT_ONCE = 8
"""Files are megabytes each."""


@dataclass(frozen=True, slots=True)
class ColumnCount:
    """How many values of a column were rewritten, or are still of an old version."""

    table: str
    column: str
    count: int


def encrypted_columns() -> Iterator[tuple[Table, Column[Any]]]:
    """Yield every encrypted column of the schema."""
    import desk.models  # noqa: F401  (all tables must be known)

    for table in Base.metadata.sorted_tables:
        for column in table.columns:
            if isinstance(column.type, EncryptedText | EncryptedBytes):
                yield table, column


def re_encrypt(
    database: Database,
    *,
    batch: int = BATCH,
    actor: str = "system",
    on_progress: Callable[[int], None] | None = None,
) -> list[ColumnCount]:
    """Rewrite everything that is not of the current version; return what was done."""
    version = personal_data().current_version
    done = []
    for table, column in encrypted_columns():
        count = 0
        while rewritten := _next_batch(database, table, column, version, batch):
            count += rewritten
            if on_progress:
                on_progress(rewritten)
        done.append(ColumnCount(table.name, column.name, count))
    with database.transaction() as session:
        total = sum(one.count for one in done)
        record(session, actor, Action.KEYS_ROTATED, "keys", version=version, values=total)
    return done


def left_over(session: Session) -> list[ColumnCount]:
    """Return the columns that still have values of an old version, with their number."""
    version = personal_data().current_version
    counts = []
    for table, column in encrypted_columns():
        query = select(func.count()).select_from(table).where(_is_old(column, version))
        if count := session.scalar(query):
            counts.append(ColumnCount(table.name, column.name, count))
    return counts


def _next_batch(
    database: Database, table: Table, column: Column[Any], version: int, batch: int
) -> int:
    key = list(table.primary_key.columns)
    raw = _as_stored(column)
    size = min(batch, FILES_AT_ONCE) if _has_bytes(column) else batch
    with database.transaction() as session:
        query = select(*key, raw).where(_is_old(column, version)).order_by(*key).limit(size)
        rows = session.execute(query).all()
        for *identity, stored in rows:
            is_it = and_(*(one == value for one, value in zip(key, identity, strict=True)))
            # Somebody may have written another value meanwhile: theirs stays.
            statement = update(table).where(is_it, raw == stored)
            plain = _opened(column, stored, session.get_bind().dialect)
            session.execute(statement.values({column: plain}))
    return len(rows)


def _is_old(column: Column[Any], version: int) -> ColumnElement[bool]:
    prefix = prefix_of(version)
    start = func.substr(_as_stored(column), 1, len(prefix))
    if _has_bytes(column):
        is_another = type_coerce(start, LargeBinary) != prefix.encode()
    else:
        is_another = start != prefix
    return and_(column.is_not(None), is_another)


def _as_stored(column: Column[Any]) -> ColumnElement[Any]:
    return type_coerce(column, LargeBinary if _has_bytes(column) else Text)


def _opened(column: Column[Any], stored: Any, dialect: Dialect) -> str | bytes | None:
    kind = column.type
    assert isinstance(kind, EncryptedText | EncryptedBytes)
    return kind.process_result_value(stored, dialect)


def _has_bytes(column: Column[Any]) -> bool:
    return isinstance(column.type, EncryptedBytes)
