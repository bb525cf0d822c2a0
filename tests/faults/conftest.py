"""What the fault tests break: processes, shared by the tests of a file."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from desk.database import Database
from desk.demo import load_demo
from desk.installation import open_database
from desk.settings import Settings
from tests.faults.processes import DeskProcess, StandIn


@dataclass
class Shop:
    """An installation: its desks, their bot, and its database as the test sees it."""

    desks: list[DeskProcess]
    bots: list[StandIn]
    database: Database

    @property
    def desk(self) -> DeskProcess:
        return self.desks[0]

    def bots_behave(self, **how: Any) -> None:
        for bot in self.bots:
            bot.behave(**how)

    @property
    def urls(self) -> list[str]:
        return [desk.url for desk in self.desks]


@pytest.fixture(scope="module")
def bots(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[StandIn]]:
    """Two stand-ins for Rasa."""
    folder = tmp_path_factory.mktemp("bots")
    made = [StandIn(folder), StandIn(folder)]
    try:
        for bot in made:
            bot.process.launch()
        for bot in made:
            bot.process.wait_ready()
        yield made
    finally:
        for bot in made:
            bot.process.kill()


@pytest.fixture(autouse=True)
def bots_are_well(request: pytest.FixtureRequest) -> Iterator[None]:
    """Whatever a test made of them, the next one finds them well."""
    yield
    for bot in request.getfixturevalue("bots") if "bots" in request.fixturenames else ():
        if not bot.process.is_ready():
            bot.process.kill()
            bot.process.start()
        bot.behave()


def open_shop(folder: Path, desks: list[DeskProcess], database_url: str = "") -> Database:
    """Make the database with demo data and start the desks; return the database."""
    settings = Settings(_env_file=None, data_dir=folder, database_url=database_url)
    make_database(settings)
    for desk in desks:
        desk.launch()
    for desk in desks:
        desk.wait_ready()
    return Database(settings.effective_database_url)


def make_database(settings: Settings) -> None:
    """Make the tables and the demo data."""
    with open_database(settings) as database, database.transaction() as session:
        load_demo(session)
