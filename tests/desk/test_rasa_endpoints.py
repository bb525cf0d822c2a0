"""Rasa's conversations and locks on the services that the settings name."""

import base64
import json
from pathlib import Path

import pytest
from rasa.core.lock_store import LockStore, RedisLockStore
from rasa.core.tracker_store import TrackerStore
from rasa.core.utils import AvailableEndpoints
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from sqlalchemy import create_engine, text

from bot.tracker_store import EncryptedTrackerStore
from desk.privacy import bot_memory
from desk.processes import rasa_services
from desk.rasa_endpoints import SHIPPED, endpoints_file, tracker_environment
from desk.settings import Settings
from tests.desk.conftest import POSTGRES_URL, REDIS_URL, missing_service


@pytest.fixture(autouse=True)
def _launcher(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("KEFU_ACTION_URL", "http://127.0.0.1:5055/webhook")
    monkeypatch.setenv("KEFU_ACTION_TOKEN", "action-token")
    monkeypatch.setenv("KEFU_TRACKER_DB_URL", f"sqlite:///{tmp_path / 'tracker.db'}")


def make_settings(folder: Path, **values: str) -> Settings:
    return Settings(_env_file=None, data_dir=folder, **{"tracker_db_url": "", **values})


def test_one_machine_uses_the_shipped_file(tmp_path: Path) -> None:
    assert endpoints_file(make_settings(tmp_path)) == SHIPPED


def test_a_lock_outlives_a_turn_by_little(tmp_path: Path) -> None:
    """Whoever asks again after a crash still gets the answer in time."""
    (service,) = rasa_services(make_settings(tmp_path, rasa_timeout_s="7.5"))
    assert service.environment["TICKET_LOCK_LIFETIME"] == "13"


def test_conversations_go_where_the_settings_say(tmp_path: Path) -> None:
    def url(**values: str) -> str:
        return tracker_environment(make_settings(tmp_path, **values))["KEFU_TRACKER_DB_URL"]

    assert url() == f"sqlite:///{tmp_path / 'tracker.db'}?timeout=30"
    assert url(database_url=POSTGRES_URL) == POSTGRES_URL
    assert url(database_url=POSTGRES_URL, tracker_db_url="sqlite:///a.db") == "sqlite:///a.db"


async def test_conversations_go_to_postgresql(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = create_engine(POSTGRES_URL)
    try:
        engine.connect().close()
    except Exception:
        missing_service("PostgreSQL")
    settings = make_settings(tmp_path, database_url=POSTGRES_URL)
    for name, value in tracker_environment(settings).items():
        monkeypatch.setenv(name, value)
    endpoints = AvailableEndpoints.read_endpoints(str(endpoints_file(settings)))
    assert endpoints.action.headers == {"Authorization": "Bearer action-token"}
    store = TrackerStore.create(endpoints.tracker_store, Domain.empty())
    assert isinstance(store, EncryptedTrackerStore)
    assert store.engine.dialect.name == "postgresql"
    tracker = DialogueStateTracker.from_events("endpoints-test", [UserUttered("你好")])
    await store.save(tracker)
    found = await store.retrieve("endpoints-test")
    assert found is not None
    assert [event.text for event in found.events] == ["你好"]
    assert bot_memory.forget(settings, ["endpoints-test"]) == 1
    store.engine.dispose()
    with engine.begin() as connection:
        connection.execute(text("DROP TABLE IF EXISTS events"))
    engine.dispose()


def test_the_rasa_server_gets_derived_keys_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = {"1": base64.b64encode(b"k" * 32).decode()}
    monkeypatch.setenv("KEFU_KEYS", json.dumps(keys))
    monkeypatch.setenv("KEFU_INDEX_KEY", keys["1"])
    monkeypatch.setenv("KEFU_SEAL_KEY", keys["1"])
    by_environment = rasa_services(Settings(_env_file=None, data_dir=tmp_path))[0].environment
    assert keys["1"] not in str(by_environment)
    assert set(json.loads(by_environment["KEFU_TRACKER_KEYS"])) == {"1"}
    for name in ("KEFU_KEYS", "KEFU_INDEX_KEY", "KEFU_SEAL_KEY"):
        monkeypatch.delenv(name)
    by_file = rasa_services(make_settings(tmp_path))[0].environment
    path = Path(by_file["KEFU_TRACKER_KEYS_FILE"])
    assert path.stat().st_mode & 0o077 == 0
    own = json.loads((tmp_path / "secrets.json").read_text())["keys"]
    assert set(json.loads(path.read_text())) == set(own)
    assert own["1"] not in path.read_text()


def test_locks_go_to_redis(tmp_path: Path) -> None:
    path = endpoints_file(make_settings(tmp_path, redis_url=REDIS_URL))
    store = LockStore.create(AvailableEndpoints.read_endpoints(str(path)).lock_store)
    assert isinstance(store, RedisLockStore)
    try:
        store.issue_ticket("endpoints-test")
    except Exception:
        missing_service("Redis")
    lock = store.get_lock("endpoints-test")
    assert lock is not None
    store.delete_lock("endpoints-test")
