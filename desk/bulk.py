"""Adds many rows to a table in one statement, with less work a row than SQLAlchemy's own way.
Where rows refer to each other, their ids are known before (`new_ids`).

A sweep after a long sleep adds a hundred thousand rows. SQLAlchemy looks up the parameters of each
row by name; here the columns are made ready one by one, and equal values once.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import JSON, Connection, Dialect, func, insert, select
from sqlalchemy.types import TypeEngine

from desk.database import Base


def new_ids(connection: Connection, model: type[Base], count: int) -> list[int]:
    """Return ids, rising, for so many new rows of a table whose key is `id`; nobody else gets them.

    PostgreSQL's sequence gives them out. On SQLite the caller's transaction is the only one that
    writes, and what comes after the highest id is free.
    """
    if connection.dialect.name == "sqlite":
        last = connection.scalar(select(func.max(model.__table__.c.id))) or 0
        return list(range(last + 1, last + 1 + count))
    sequence = func.pg_get_serial_sequence(model.__tablename__, "id")
    numbers = select(func.nextval(sequence)).select_from(func.generate_series(1, count))
    return sorted(connection.scalars(numbers))


def insert_rows(
    connection: Connection, model: type[Base], columns: Sequence[str], rows: Sequence[Sequence[Any]]
) -> None:
    """Add rows; ids that the database gives them are not read back.

    Args:
        connection: in the caller's transaction.
        model: of the table; defaults made in Python are not applied.
        columns: which columns the rows hold; the others stay as the database leaves them.
        rows: values in the order of `columns`.
    """
    if not rows:
        return
    statement, order = _statement(model, tuple(columns), connection.dialect)
    types = [model.__table__.c[name].type for name in columns]
    ready = [
        _ready(one, values, connection.dialect)
        for one, values in zip(types, zip(*rows, strict=True), strict=True)
    ]
    if order:
        found: list[Any] = list(zip(*(ready[place] for place in order), strict=True))
    else:
        found = [dict(zip(columns, values, strict=True)) for values in zip(*ready, strict=True)]
    connection.exec_driver_sql(statement, found)


@lru_cache(maxsize=64)
def _statement(
    model: type[Base], columns: tuple[str, ...], dialect: Dialect
) -> tuple[str, list[int]]:
    """Return the driver's statement and, where it takes values by position, in which order."""
    compiled = insert(model).compile(dialect=dialect, column_keys=list(columns))
    return str(compiled), [columns.index(name) for name in compiled.positiontup or ()]


def _ready(kind: TypeEngine[Any], values: Sequence[Any], dialect: Dialect) -> Sequence[Any]:
    """Return the values of a column as the driver takes them."""
    process = kind.dialect_impl(dialect).bind_processor(dialect)
    if process is None:
        return values
    if isinstance(kind, JSON):
        return [process(value) for value in values]
    known = {value: process(value) for value in set(values)}
    return [known[value] for value in values]
