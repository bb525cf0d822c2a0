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

from sqlalchemy import Column, ColumnElement, Table, and_, func, not_, select, type_coerce, update
from sqlalchemy.orm import Session
from sqlalchemy.types import Text

from desk.audit.actions import Action
from desk.audit.trail import record
from desk.database import Base, Database
from desk.encryption import EncryptedText, personal_data, prefix_of

BATCH = 500


@dataclass(frozen=True, slots=True)
class ColumnCount:
    """How many values of a column were rewritten, or are still of an old version."""

    table: str
    column: str
    count: int


def encrypted_columns() -> Iterator[tuple[Table, "Column[str]"]]:
    """Yield every encrypted column of the schema."""
    import desk.models  # noqa: F401  (all tables must be known)

    for table in Base.metadata.sorted_tables:
        for column in table.columns:
            if isinstance(column.type, EncryptedText):
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
    database: Database, table: Table, column: "Column[str]", version: int, batch: int
) -> int:
    key = list(table.primary_key.columns)
    raw = type_coerce(column, Text)
    with database.transaction() as session:
        query = select(*key, raw).where(_is_old(column, version)).order_by(*key).limit(batch)
        rows = session.execute(query).all()
        for *identity, stored in rows:
            fresh = personal_data().encrypt(personal_data().decrypt(stored))
            is_it = and_(*(one == value for one, value in zip(key, identity, strict=True)))
            # Somebody may have written another value meanwhile: theirs stays.
            statement = update(table).where(is_it, raw == stored)
            session.execute(statement.values({column: type_coerce(fresh, Text)}))
    return len(rows)


def _is_old(column: "Column[str]", version: int) -> ColumnElement[bool]:
    raw = type_coerce(column, Text)
    return and_(column.is_not(None), not_(raw.startswith(prefix_of(version), autoescape=True)))
