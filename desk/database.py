"""Engine, base class of the models, and the one place where transactions begin and end.

A unit of work is one request, one WebSocket frame, one action call or one console event:
`with database.transaction() as session:` commits at the end or rolls everything back. Nobody
else commits. Pages that only look use `with database.reading() as session:`. Async code calls
`await database.run(function, ...)` or `await database.look(function, ...)`, in a worker thread.
"""

import asyncio
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import copy_context
from datetime import UTC, datetime
from typing import Any, Concatenate, ParamSpec, TypeVar

import structlog
from sqlalchemy import Connection, DateTime, Engine, MetaData, create_engine, event, make_url
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import DeclarativeBase, Session, sessionmaker
from sqlalchemy.types import TypeDecorator

from desk.errors import StoreUnavailable
from desk.logs import describe
from desk.telemetry.metrics import TRANSACTIONS, timed

P = ParamSpec("P")
T = TypeVar("T")

AWAY = (OperationalError, InterfaceError, PoolTimeout, sqlite3.OperationalError)
"""What drivers and the pool raise when it is not the statement's fault."""
RETRY_AFTER_S = 5
READERS = 8
"""Threads that read for async code. They are not those that write: while something holds a lock,
pages still show what there is."""
WRITERS = 8
WRITERS_OF_SQLITE = 1
"""One writes at a time anyway: others would wait at the file's own lock, asleep for up to a tenth
of a second after it is free, and whoever wakes first gets it."""
log = structlog.get_logger(__name__)

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """Base of all models."""

    metadata = MetaData(naming_convention=NAMING)


class UtcDateTime(TypeDecorator[datetime]):
    """An instant: timezone-aware in Python, UTC in the database (SQLite forgets the zone)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a datetime without a time zone cannot be stored")
        return value.astimezone(UTC)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        instant: datetime = value
        return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)


class Database:
    """One database: SQLite file or PostgreSQL, by URL."""

    def __init__(self, url: str) -> None:
        self.engine = _make_engine(url)
        self._writers = sessionmaker(self.engine, expire_on_commit=False)
        self._readers = sessionmaker(
            self.engine.execution_options(kefu_read_only=True), expire_on_commit=False
        )
        is_sqlite = self.engine.dialect.name == "sqlite"
        writers = WRITERS_OF_SQLITE if is_sqlite else WRITERS
        self._writing = ThreadPoolExecutor(writers, thread_name_prefix="database-write")
        self._reading = ThreadPoolExecutor(READERS, thread_name_prefix="database-read")

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """Yield a session; commit at the end, roll back on any exception.

        On SQLite the write lock is taken at the start, so that two writers wait for each other
        instead of failing half-way.

        Raises:
            StoreUnavailable: the database is away, locked for too long, or its disk is full.
        """
        with _as_ours(), self._writers() as session, session.begin():
            yield session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Yield a session for queries only; whatever it changed is rolled back.

        Raises:
            StoreUnavailable: the database is away.
        """
        with _as_ours(), self._readers() as session:
            yield session

    async def run(
        self, function: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Run `function(session, ...)` in one transaction, in a worker thread."""

        def work() -> T:
            with timed(TRANSACTIONS, "write"), self.transaction() as session:
                return function(session, *args, **kwargs)

        return await _in_thread(self._writing, work)

    async def look(
        self, function: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Run `function(session, ...)` for reading only, in a worker thread."""

        def work() -> T:
            with timed(TRANSACTIONS, "read"), self.reading() as session:
                return function(session, *args, **kwargs)

        return await _in_thread(self._reading, work)

    def dispose(self) -> None:
        """Close all connections; a later use opens new ones. The threads end with the object."""
        self.engine.dispose()


async def _in_thread(threads: ThreadPoolExecutor, work: Callable[[], T]) -> T:
    """As `asyncio.to_thread`: what is bound to the task, such as the request's id, goes along."""
    run = copy_context().run
    return await asyncio.get_running_loop().run_in_executor(threads, run, work)


@contextmanager
def _as_ours() -> Iterator[None]:
    """Turn what drivers raise into an error that every page, socket and REST call can tell."""
    try:
        yield
    except AWAY as error:
        log.error("database.away", **describe(error))
        raise StoreUnavailable("errors.store_unavailable", retry_after_s=RETRY_AFTER_S) from error


def _make_engine(url: str) -> Engine:
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return create_engine(
            parsed, pool_pre_ping=True, pool_size=10, max_overflow=20, hide_parameters=True
        )
    engine = create_engine(parsed, connect_args={"timeout": 30}, hide_parameters=True)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    # The driver must not begin transactions by itself: _begin_sqlite does.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    # FULL: what was acknowledged survives a power cut, not only a crash of the process.
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    is_read_only = connection.get_execution_options().get("kefu_read_only", False)
    driver: Any = connection.connection.driver_connection
    # Past SQLAlchemy, which takes longer to prepare a statement than SQLite to carry it out.
    driver.execute("BEGIN" if is_read_only else "BEGIN IMMEDIATE")
