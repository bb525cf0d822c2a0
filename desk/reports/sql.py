"""What SQLite and PostgreSQL say differently about time."""

from typing import Any

from sqlalchemy import ColumnElement, Float, Integer, Select, String, func
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Session
from sqlalchemy.sql.functions import GenericFunction


class seconds_between(GenericFunction[int]):  # noqa: N801
    """Whole seconds from one instant to a later one."""

    type = Integer()
    inherit_cache = True


@compiles(seconds_between, "sqlite")
def _seconds_sqlite(element: Any, compiler: Any, **kw: Any) -> str:
    begin, end = (compiler.process(one, **kw) for one in element.clauses)
    return f"(CAST(strftime('%s', {end}) AS INTEGER) - CAST(strftime('%s', {begin}) AS INTEGER))"


@compiles(seconds_between, "postgresql")
def _seconds_postgresql(element: Any, compiler: Any, **kw: Any) -> str:
    begin, end = (compiler.process(one, **kw) for one in element.clauses)
    seconds = f"EXTRACT(EPOCH FROM date_trunc('second', {end}) - date_trunc('second', {begin}))"
    return f"CAST({seconds} AS INTEGER)"


class local_hour(GenericFunction[str]):  # noqa: N801
    """The hour of an instant on the company's clock, e.g. `2026-11-22 08`."""

    type = String()
    inherit_cache = True


@compiles(local_hour, "sqlite")
def _hour_sqlite(element: Any, compiler: Any, **kw: Any) -> str:
    return f"strftime('%Y-%m-%d %H', {compiler.process(element.clauses, **kw)}, '+8 hours')"


@compiles(local_hour, "postgresql")
def _hour_postgresql(element: Any, compiler: Any, **kw: Any) -> str:
    instant = compiler.process(element.clauses, **kw)
    return f"to_char({instant} AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD HH24')"


class local_day(GenericFunction[str]):  # noqa: N801
    """The day of an instant on the company's clock, e.g. `2026-11-22`."""

    type = String()
    inherit_cache = True


@compiles(local_day, "sqlite")
def _day_sqlite(element: Any, compiler: Any, **kw: Any) -> str:
    return f"strftime('%Y-%m-%d', {compiler.process(element.clauses, **kw)}, '+8 hours')"


@compiles(local_day, "postgresql")
def _day_postgresql(element: Any, compiler: Any, **kw: Any) -> str:
    instant = compiler.process(element.clauses, **kw)
    return f"to_char({instant} AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD')"


def pairs(session: Session, query: Select[Any, Any]) -> dict[Any, Any]:
    """Return a query of two columns as a dictionary."""
    return {key: value for key, value in session.execute(query)}  # noqa: C416


def counted(condition: ColumnElement[bool]) -> ColumnElement[int]:
    """Return how many rows of a group meet the condition."""
    return func.count().filter(condition)


def mean(column: Any) -> ColumnElement[float]:
    """Return the mean as a float; None over no rows."""
    return func.avg(column, type_=Float())
