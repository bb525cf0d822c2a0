"""People and rows that the knowledge tests share."""

from dataclasses import dataclass

import pytest

from desk.catalog.importer import import_bytes
from desk.demo import DEMO_DIR


@dataclass
class Keepers:
    """Two who keep the knowledge and one who reads it, on one database with the demo catalogue."""

    make: object
    checker: object

    def __post_init__(self):
        self.leader = self.make.staff("supervisor", display_name="陈静")
        self.other = self.make.staff("manager", display_name="周敏")
        self.agent = self.make.staff("agent")
        self.qa = self.make.staff("qa")
        self.worker = self.make.staff("department")

    def run(self, function, *args, **values):
        with self.make.database.transaction() as session:
            return function(session, *args, **values)

    def demo(self, *kinds):
        for kind in kinds:
            content = (DEMO_DIR / f"{kind}.csv").read_bytes()
            self.run(import_bytes, content, kind, filename="demo.csv")


@pytest.fixture
def keepers(make, checker):
    return Keepers(make, checker)
