"""Rasa's conversations and locks on the services that the settings name."""

from pathlib import Path

import pytest
from rasa.core.lock_store import LockStore, RedisLockStore
from rasa.core.tracker_store import SQLTrackerStore, TrackerStore
from rasa.core.utils import AvailableEndpoints
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from sqlalchemy import create_engine, text

from desk.rasa_endpoints import SHIPPED, endpoints_file
from desk.settings import Settings
from tests.desk.conftest import POSTGRES_URL, REDIS_URL, missing_service


@pytest.fixture(autouse=True)
def _launcher(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("KEFU_ACTION_URL", "http://127.0.0.1:5055/webhook")
    monkeypatch.setenv("KEFU_ACTION_TOKEN", "action-token")
    monkeypatch.setenv("KEFU_TRACKER_DB", str(tmp_path / "tracker.db"))


def make_settings(folder: Path, **values: str) -> Settings:
    return Settings(_env_file=None, data_dir=folder, **values)


def test_one_machine_uses_the_shipped_file(tmp_path: Path) -> None:
    assert endpoints_file(make_settings(tmp_path)) == SHIPPED


async def test_conversations_go_to_postgresql(tmp_path: Path) -> None:
    engine = create_engine(POSTGRES_URL)
    try:
        engine.connect().close()
    except Exception:
        missing_service("PostgreSQL")
    path = endpoints_file(make_settings(tmp_path, database_url=POSTGRES_URL))
    assert path.stat().st_mode & 0o077 == 0
    endpoints = AvailableEndpoints.read_endpoints(str(path))
    assert endpoints.action.headers == {"Authorization": "Bearer action-token"}
    store = TrackerStore.create(endpoints.tracker_store, Domain.empty())
    assert isinstance(store, SQLTrackerStore)
    assert store.engine.dialect.name == "postgresql"
    tracker = DialogueStateTracker.from_events("endpoints-test", [UserUttered("你好")])
    await store.save(tracker)
    found = await store.retrieve("endpoints-test")
    assert found is not None
    assert [event.text for event in found.events] == ["你好"]
    store.engine.dispose()
    with engine.begin() as connection:
        connection.execute(text("DROP TABLE IF EXISTS events"))
    engine.dispose()


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
