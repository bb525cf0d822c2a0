"""The console's pages without a browser: NiceGUI's `User` against the whole application."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import cast

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI
from nicegui import Client
from nicegui.nicegui import _shutdown, _startup
from nicegui.testing import User

from desk.accounts.models import Staff
from desk.app import Desk, create_app
from desk.current import set_desk
from desk.web.cookies import SESSION_COOKIE
from scripts_library.checking.checker import Checker
from tests.desk.conftest import CurrentDesk
from tests.desk.support import Builder, build

NO_BOT = "http://127.0.0.1:9"


@dataclass
class Console:
    """A desk with an empty database, and windows on it."""

    desk: Desk
    make: Builder
    app: FastAPI

    def user(self, staff: Staff) -> User:
        """A window of somebody who is logged in."""
        return User(
            httpx.AsyncClient(
                transport=httpx.ASGITransport(self.app),
                base_url="http://test",
                cookies={SESSION_COOKIE: self.make.token(staff)},
            )
        )


@cache
def application() -> FastAPI:
    """The application with its console, once per process: pages register themselves. Its desk is
    the current one; some desk must be it when it is put together."""
    return create_app(cast("Desk", CurrentDesk()))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def nicegui_loop(
    tmp_path_factory: pytest.TempPathFactory, checker: Checker
) -> AsyncIterator[None]:
    """NiceGUI's own tasks, in the event loop of one file."""
    folder = tmp_path_factory.mktemp("console")
    build(f"sqlite:///{folder / 'none.db'}", folder, checker, rasa_url=NO_BOT)
    application()
    await _startup()
    yield
    await _shutdown()


@pytest_asyncio.fixture(loop_scope="module")
async def console(
    nicegui_loop: None, sqlite_url: str, tmp_path: Path, checker: Checker, password_hash: str
) -> AsyncIterator[Console]:
    """A desk with its console on an empty database."""
    desk = build(sqlite_url, tmp_path, checker, rasa_url=NO_BOT)
    await desk.start()
    await desk.language.ready()
    yield Console(desk, Builder(desk.database, password_hash), application())
    for client in list(Client.instances.values()):
        client.delete()
    await desk.stop()
    set_desk(None)
