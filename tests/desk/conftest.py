"""Fixtures of the desk's tests: real databases (schema by migrations), a real desk over HTTP, and
a small HTTP server in place of Rasa."""

import os
import shutil
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, cast

import pytest
import pytest_asyncio
from argon2 import PasswordHasher
from fastapi import FastAPI
from sqlalchemy import Connection, create_engine, text

from desk import database as database_module
from desk.accounts import passwords
from desk.accounts.passwords import hash_password
from desk.app import Desk, create_app
from desk.current import get_desk, set_desk
from desk.database import Database
from desk.encryption import use_key
from desk.migrate import upgrade
from desk.models import Base
from scripts_library.checking.checker import Checker, load_checker
from tests.desk.support import (
    ENCRYPTION_KEY,
    PASSWORD,
    Builder,
    FakeRasa,
    Running,
    build,
    serving,
)

POSTGRES_URL = os.environ.get(
    "KEFU_TEST_POSTGRES_URL", "postgresql+psycopg://postgres@127.0.0.1:5432/test"
)
REDIS_URL = os.environ.get("KEFU_TEST_REDIS_URL", "redis://127.0.0.1:6379/0")


def missing_service(name: str) -> None:
    """Skip, or fail where the services are promised."""
    if os.environ.get("KEFU_REQUIRE_SERVICES"):
        pytest.fail(f"{name} is not reachable but KEFU_REQUIRE_SERVICES is set")
    pytest.skip(f"{name} is not reachable")


@pytest.fixture(scope="session", autouse=True)
def cheap_passwords() -> Iterator[None]:
    """The same hash at the lowest cost: its strength is not what these tests are about."""
    real = passwords._hasher
    passwords._hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    yield
    passwords._hasher = real


@pytest.fixture(scope="session", autouse=True)
def lasting_engines() -> Iterator[None]:
    """Compile each statement once a run instead of once a test: an engine keeps what it compiled,
    and the databases that are emptied for each test keep their addresses."""
    real = database_module._make_engine
    database_module._make_engine = lru_cache(maxsize=8)(real)
    yield
    database_module._make_engine = real


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "kefu.db"
    upgrade(f"sqlite:///{path}")
    return path


@contextmanager
def postgres_schema_of_its_own() -> Iterator[str]:
    """URL of an empty schema in the test database, dropped at the end."""
    schema = f"kefu_{uuid.uuid4().hex[:12]}"
    engine = create_engine(POSTGRES_URL, connect_args={"connect_timeout": 3})
    try:
        with engine.begin() as connection:
            connection.execute(text(f"CREATE SCHEMA {schema}"))
    except Exception:
        missing_service("PostgreSQL")
    try:
        yield f"{POSTGRES_URL}?options=-csearch_path%3D{schema}"
    finally:
        with engine.begin() as connection:
            connection.execute(text(f"DROP SCHEMA {schema} CASCADE"))
        engine.dispose()


@pytest.fixture(scope="session")
def postgres_schema() -> Iterator[str]:
    """URL of a schema with all tables."""
    with postgres_schema_of_its_own() as url:
        upgrade(url)
        yield url


@pytest.fixture(scope="session")
def sqlite_place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder whose database is put in place anew for each test."""
    return tmp_path_factory.mktemp("database")


@pytest.fixture
def sqlite_url(sqlite_template: Path, sqlite_place: Path) -> str:
    shutil.rmtree(sqlite_place, ignore_errors=True)
    sqlite_place.mkdir()
    copy = sqlite_place / "kefu.db"
    shutil.copy(sqlite_template, copy)
    url = f"sqlite:///{copy}"
    # A connection left open by the test before would still read the file that is gone.
    database_module._make_engine(url).dispose()
    return url


@pytest.fixture
def postgres_url(postgres_schema: str) -> str:
    with database_module._make_engine(postgres_schema).begin() as connection:
        _empty(connection)
    return postgres_schema


def _empty(connection: Connection) -> None:
    """Delete all rows. Truncating seventy tables takes most of a second; few have any rows."""
    tables = [*reversed(Base.metadata.sorted_tables)]
    names = [table.name for table in tables] + ["ticket_search"]
    probes = " UNION ALL ".join(f"(SELECT '{name}' FROM {name} LIMIT 1)" for name in names)
    filled = connection.scalars(text(probes)).all()
    # References are not checked on the way; none is left at the end.
    connection.execute(text("SET LOCAL session_replication_role = replica"))
    for name in filled:
        connection.execute(text(f"DELETE FROM {name}"))
    for table in tables:
        if table.name in filled and table.autoincrement_column is not None:
            column = table.autoincrement_column.name
            restart = f"SELECT setval(pg_get_serial_sequence('{table.name}', '{column}'), 1, false)"
            connection.execute(text(restart))


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    name = "sqlite_url" if request.param == "sqlite" else "postgres_url"
    return str(request.getfixturevalue(name))


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """An empty database, once on SQLite and once on PostgreSQL."""
    use_key(ENCRYPTION_KEY)
    database = Database(database_url)
    yield database
    database.dispose()


@pytest.fixture
def desk_values(request: pytest.FixtureRequest) -> dict[str, str]:
    """Where a served desk keeps its data and speaks with its like: SQLite and one process, or
    PostgreSQL and Redis with `KEFU_TEST_ON=servers` (`make test-servers`)."""
    if os.environ.get("KEFU_TEST_ON") == "servers":
        url = str(request.getfixturevalue("postgres_url"))
        return {"database_url": url, "redis_url": REDIS_URL}
    return {"database_url": str(request.getfixturevalue("sqlite_url"))}


@pytest.fixture(scope="session")
def checker() -> Checker:
    return load_checker()


@pytest.fixture(scope="session")
def password_hash(cheap_passwords: None) -> str:
    return hash_password(PASSWORD)


@pytest.fixture
def make(database: Database, password_hash: str) -> Builder:
    return Builder(database, password_hash)


@pytest_asyncio.fixture
async def rasa() -> AsyncIterator[FakeRasa]:
    fake = FakeRasa()
    fake.gate.set()
    app = FastAPI()
    app.post("/webhooks/desk/webhook")(fake.turn)
    async with serving(app) as url:
        fake.url = url
        yield fake


class CurrentDesk:
    """Stands for whichever desk is the current one."""

    def __getattr__(self, name: str) -> Any:
        return getattr(get_desk(), name)


@cache
def application() -> FastAPI:
    """The application of every `running` desk: putting 140 routes together takes a third of a
    second. Its desk is the current one, so that no two of them may run at a time."""
    return create_app(cast("Desk", CurrentDesk()), has_console=False)


@pytest_asyncio.fixture
async def running(
    desk_values: dict[str, str],
    tmp_path: Path,
    checker: Checker,
    rasa: FakeRasa,
    password_hash: str,
) -> AsyncIterator[Running]:
    """A desk with the chat, REST and login, served over HTTP; its staff may come."""
    desk = build(data_dir=tmp_path, checker=checker, rasa_url=rasa.url, **desk_values)
    async with serving(application()) as url:
        await desk.language.ready()
        yield Running(desk, url, Builder(desk.database, password_hash), rasa)
    set_desk(None)
