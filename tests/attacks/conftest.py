"""A desk of its own for the attacks of one file, served in a thread: attackers are synchronous."""

import asyncio
import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass

import httpx
import pytest
from sqlalchemy import create_engine

from desk.app import Desk, create_app
from desk.current import set_desk
from desk.web import login as login_page
from scripts_library.checking.checker import Checker
from tests.desk.conftest import _empty as empty_tables
from tests.desk.conftest import (
    cheap_passwords,
    checker,
    password_hash,
    postgres_schema,
    sqlite_template,
)
from tests.desk.support import PATIENCE_S, Builder, build, serving

__all__ = ["cheap_passwords", "checker", "password_hash", "postgres_schema", "sqlite_template"]

START_S = 120
"""A busy machine takes long to import and warm up."""


@dataclass
class Target:
    """A desk that serves, and a builder for its database."""

    desk: Desk
    url: str
    make: Builder

    def client(self, role: str | None = None, **values: str) -> httpx.Client:
        """A client from the desk's own page; with a role it carries somebody's bearer token."""
        headers = {"Origin": self.url}
        if role:
            headers["Authorization"] = f"Bearer {self.make.token(self.make.staff(role, **values))}"
        return httpx.Client(
            base_url=self.url, headers=headers, timeout=PATIENCE_S * 3, trust_env=False
        )


def emptied(database_url: str) -> str:
    """Empty a PostgreSQL database that has all tables; return its URL."""
    engine = create_engine(database_url)
    with engine.begin() as connection:
        empty_tables(connection)
    engine.dispose()
    return database_url


@pytest.fixture(scope="module")
def target(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    checker: Checker,
    password_hash: str,
) -> Iterator[Target]:
    """The desk with chat, REST and login; its bot does not answer. A file of tests that sets
    `DATABASE = "postgresql"` attacks it there."""
    folder = tmp_path_factory.mktemp("attacks")
    if getattr(request.module, "DATABASE", "sqlite") == "postgresql":
        database_url = emptied(str(request.getfixturevalue("postgres_schema")))
    else:
        database_url = f"sqlite:///{folder / 'kefu.db'}"
        shutil.copy(request.getfixturevalue("sqlite_template"), folder / "kefu.db")
    desk = build(database_url, folder, checker, rasa_url="http://127.0.0.1:9")
    # Nobody waits for a first suggestion here.
    desk.warm_up = lambda: None  # type: ignore[method-assign]
    login_page.tries = login_page.KeyedRateLimiter(100_000, 300)
    up, down, address = threading.Event(), threading.Event(), []

    async def serve() -> None:
        async with serving(create_app(desk, has_console=False)) as url:
            address.append(url)
            up.set()
            while not down.is_set():
                await asyncio.sleep(0.05)

    thread = threading.Thread(target=asyncio.run, args=(serve(),), daemon=True)
    thread.start()
    assert up.wait(START_S), "the desk did not start"
    yield Target(desk, address[0], Builder(desk.database, password_hash))
    down.set()
    thread.join(START_S)
    set_desk(None)
