"""Rows as lines of JSON, and back: what a database holds, whatever kind it is.

Tables are read as they are in the database, not as the models say: a backup of an older version
is restored at its own revision. Encrypted columns stay encrypted. The search index is left out and
built anew.
"""

import base64
import hashlib
import json
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    JSON,
    Connection,
    Date,
    DateTime,
    Integer,
    LargeBinary,
    MetaData,
    Numeric,
    Table,
    insert,
    select,
    text,
    update,
)

SKIPPED = ("ticket_search", "alembic_version", "events")
PART_BYTES = 8 * 1024 * 1024
INSERT_BYTES = 4 * 1024 * 1024


def tables_of(connection: Connection) -> list[Table]:
    """Return the tables to save, referred-to ones first."""
    metadata = MetaData()
    metadata.reflect(connection)
    for table in metadata.tables.values():
        for column in table.columns:
            if isinstance(column.type, JSON):
                column.type = JSON(none_as_null=True)
    return [one for one in metadata.sorted_tables if not one.name.startswith(SKIPPED)]


def parts_of(connection: Connection, table: Table) -> Iterator[bytes]:
    """Yield a table's rows by primary key, as lines of JSON, some megabytes at a time."""
    lines, size = [], 0
    for line in lines_of(connection, table):
        lines.append(line)
        size += len(line)
        if size >= PART_BYTES:
            yield b"".join(lines)
            lines, size = [], 0
    if lines:
        yield b"".join(lines)


def lines_of(connection: Connection, table: Table) -> Iterator[bytes]:
    """Yield each row as a line of JSON; the same row gives the same line on any database."""
    columns = list(table.columns)
    query = select(table).order_by(*(table.primary_key.columns or columns))
    streamed = connection.execution_options(yield_per=200).execute(query)
    for row in streamed:
        values = {one.name: _to_json(row[place]) for place, one in enumerate(columns)}
        yield json.dumps(values, ensure_ascii=False, sort_keys=True).encode() + b"\n"


def table_of(connection: Connection, name: str) -> Table:
    """Return one table as it is in the database."""
    return Table(name, MetaData(), autoload_with=connection)


def new_digest() -> Any:
    """Return the hash that `digest_of` uses."""
    return hashlib.sha256()


def digest_of(lines: Iterable[bytes]) -> tuple[int, str]:
    """Return number and hash of lines."""
    count, digest = 0, new_digest()
    for line in lines:
        count += 1
        digest.update(line)
    return count, digest.hexdigest()


def insert_lines(connection: Connection, table: Table, lines: Iterable[bytes]) -> None:
    """Write rows. References to rows that may come later are filled in by `fill_references`."""
    later = _later(table)
    batch: list[dict[str, Any]] = []
    size = 0
    for line in lines:
        values = json.loads(line)
        row = {one.name: _from_json(one.type, values.get(one.name)) for one in table.columns}
        batch.append({**row, **dict.fromkeys(later)})
        size += len(line)
        if size >= INSERT_BYTES:
            connection.execute(insert(table), batch)
            batch, size = [], 0
    if batch:
        connection.execute(insert(table), batch)


def fill_references(connection: Connection, table: Table, lines: Iterable[bytes]) -> None:
    """Set a table's references to itself, once all its rows are there."""
    later = _later(table)
    if not later:
        return
    for line in lines:
        values = json.loads(line)
        set_ = {name: values[name] for name in later if values.get(name) is not None}
        if set_:
            statement = update(table)
            for key in table.primary_key.columns:
                statement = statement.where(key == _from_json(key.type, values[key.name]))
            connection.execute(statement.values(set_))


def continue_numbers(connection: Connection, table: Table) -> None:
    """Let PostgreSQL's counters go on after the highest number that was restored."""
    keys = list(table.primary_key.columns)
    if connection.dialect.name != "postgresql" or len(keys) != 1:
        return
    if not isinstance(keys[0].type, Integer):
        return
    column, name = keys[0].name, table.name
    counter = connection.scalar(
        text("SELECT pg_get_serial_sequence(:table, :column)"), {"table": name, "column": column}
    )
    if counter:
        connection.execute(
            text(
                f'SELECT setval(:counter, (SELECT coalesce(max("{column}"), 1) FROM "{name}"),'
                f' EXISTS (SELECT 1 FROM "{name}"))'
            ),
            {"counter": counter},
        )


def _later(table: Table) -> list[str]:
    """Return the optional columns that refer to the table itself."""
    return [
        key.parent.name
        for key in table.foreign_keys
        if key.column.table is table and key.parent.nullable
    ]


def _to_json(value: Any) -> Any:
    if isinstance(value, datetime):
        instant = value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
        return instant.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes | memoryview):
        return base64.b64encode(bytes(value)).decode()
    return str(value) if isinstance(value, Decimal) else value


def _from_json(kind: Any, value: Any) -> Any:
    if value is None or isinstance(kind, JSON):
        return value
    if isinstance(kind, DateTime):
        return datetime.fromisoformat(value)
    if isinstance(kind, Date):
        return date.fromisoformat(value)
    if isinstance(kind, LargeBinary):
        return base64.b64decode(value)
    return Decimal(value) if isinstance(kind, Numeric) and isinstance(value, str) else value
