"""Where the Rasa server keeps its conversations and locks, as this installation's settings say.

On one machine `endpoints.yml` of the checkout is right: a SQLite file, locks in memory. With
PostgreSQL or Redis the launcher writes a file of its own from it.
"""

import os
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from sqlalchemy import make_url

from desk.settings import PROJECT_DIR, Settings

SHIPPED = PROJECT_DIR / "endpoints.yml"


def endpoints_file(settings: Settings) -> Path:
    """Return the file to start Rasa with; a written one holds passwords and is mode 0600."""
    is_postgresql = make_url(settings.effective_database_url).get_backend_name() == "postgresql"
    if not is_postgresql and not settings.redis_url:
        return SHIPPED
    endpoints = YAML(typ="safe").load(SHIPPED.read_text(encoding="utf-8"))
    if is_postgresql:
        endpoints["tracker_store"] = _postgresql(settings.effective_database_url)
    if settings.redis_url:
        endpoints["lock_store"] = _redis(settings.redis_url)
    path = settings.data_dir / "endpoints.yml"
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        YAML(typ="safe").dump(endpoints, file)
    return path


def _postgresql(database_url: str) -> dict[str, Any]:
    url = make_url(database_url)
    store: dict[str, Any] = {
        "type": "SQL",
        "dialect": "postgresql",
        "url": url.host or "127.0.0.1",
        "port": url.port or 5432,
        "db": url.database,
        "username": url.username,
        "password": url.password,
        # SQLAlchemy 2 refuses the `query: null` that Rasa passes on otherwise.
        "query": {"connect_timeout": "10"},
    }
    return {name: value for name, value in store.items() if value is not None}


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
