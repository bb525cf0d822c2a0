"""The trained model and a desk with demo data, once for all conversations."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from rasa.core.agent import Agent

from desk.current import set_desk
from desk.deadlines.service import use_profile
from desk.settings import Settings
from desk.training import RASA_MODEL
from tests.actions.support import SmallDesk, make_desk
from tests.conversations.play import load_agent


@pytest.fixture(scope="session")
def agent() -> Agent:
    """The trained model; `KEFU_TEST_MODEL` names another one than `kefu train` made."""
    path = Path(os.environ.get("KEFU_TEST_MODEL") or Settings().models_dir / RASA_MODEL)
    if not path.exists():
        if os.environ.get("CI"):
            pytest.fail("no trained model: run `kefu train` first")
        pytest.skip("no trained model: run `kefu train` first")
    return load_agent(path)


@pytest.fixture(scope="session")
def played_desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallDesk]:
    """One desk for all talks; each talk has a conversation of its own."""
    desk = make_desk(tmp_path_factory.mktemp("talks"))
    yield desk
    desk.database.dispose()
    set_desk(None)
    use_profile(None)
