"""Where the Rasa server keeps its conversations and locks, as this installation's settings say.

On one machine `endpoints.yml` of the checkout is right: locks in memory. With Redis the launcher
writes a file of its own from it. Conversations go to the database of `effective_tracker_db_url`,
encrypted by keys that are derived from the desk's (`bot.tracker_store`).
"""

import os
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from desk.settings import PROJECT_DIR, Settings
from desk.tracker_keys import hand_over

SHIPPED = PROJECT_DIR / "endpoints.yml"


def endpoints_file(settings: Settings) -> Path:
    """Return the file to start Rasa with; a written one holds passwords and is mode 0600."""
    if not settings.redis_url:
        return SHIPPED
    endpoints = YAML(typ="safe").load(SHIPPED.read_text(encoding="utf-8"))
    endpoints["lock_store"] = _redis(settings.redis_url)
    path = settings.data_dir / "endpoints.yml"
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        YAML(typ="safe").dump(endpoints, file)
    return path


def tracker_environment(settings: Settings) -> dict[str, str]:
    """Return what the Rasa server must be told to keep its conversations, encrypted."""
    keys = hand_over(settings)
    return {"KEFU_TRACKER_DB_URL": settings.effective_tracker_db_url, **keys}


def _redis(redis_url: str) -> dict[str, Any]:
    from redis.connection import parse_url

    parts = parse_url(redis_url)  # type: ignore[no-untyped-call]
    store = {
        "type": "redis",
        "url": parts.get("host", "127.0.0.1"),
        "port": parts.get("port", 6379),
        "db": parts.get("db", 0),
        "username": parts.get("username"),
        "password": parts.get("password"),
        "key_prefix": "kefurasa",
    }
    return {name: value for name, value in store.items() if value is not None}
