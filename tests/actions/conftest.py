"""A fresh desk on the demo data for each test that needs one."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from desk.current import set_desk
from desk.deadlines.service import use_profile
from tests.actions.support import SmallDesk, make_desk


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[SmallDesk]:
    """The process's desk for one test."""
    made = make_desk(tmp_path)
    yield made
    made.database.dispose()
    set_desk(None)
    use_profile(None)
