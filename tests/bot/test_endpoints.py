"""Rasa's own files with the environment that the launcher sets."""

from pathlib import Path

import pytest
from rasa.core.utils import AvailableEndpoints
from rasa.shared.utils.io import read_config_file

from bot.channel import DeskInput
from scripts_library.paths import PROJECT_DIR


@pytest.fixture
def _environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("KEFU_RASA_TOKEN", "rasa-token")
    monkeypatch.setenv("KEFU_ACTION_URL", "http://127.0.0.1:5055/webhook")
    monkeypatch.setenv("KEFU_ACTION_TOKEN", "action-token")
    monkeypatch.setenv("KEFU_TRACKER_DB_URL", f"sqlite:///{tmp_path / 'tracker.db'}")


@pytest.mark.usefixtures("_environment")
def test_actions_are_called_with_the_token() -> None:
    action = AvailableEndpoints.read_endpoints(str(PROJECT_DIR / "endpoints.yml")).action
    assert action.url == "http://127.0.0.1:5055/webhook"
    assert action.headers == {"Authorization": "Bearer action-token"}


@pytest.mark.usefixtures("_environment")
def test_the_only_channel_is_the_desk_with_its_token() -> None:
    credentials = read_config_file(str(PROJECT_DIR / "credentials.yml"))
    assert credentials == {"bot.channel.DeskInput": {"token": "rasa-token"}}
    assert DeskInput.from_credentials(credentials["bot.channel.DeskInput"]).name() == "desk"
