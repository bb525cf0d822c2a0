"""Rasa's own record of a talk (its tracker store): deleted with the conversation, re-encrypted with
the rest. Who writes it: `bot.tracker_store`."""

import base64
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from sqlalchemy import (
    Column,
    Connection,
    Engine,
    Float,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    bindparam,
    create_engine,
    inspect,
    make_url,
    text,
)

from desk.encryption import FieldCipher, UnreadableValue, personal_data, prefix_of
from desk.settings import Settings

PLACE = "events.data."
BATCH = 500

_EVENTS = Table(
    "events",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("sender_id", String(255), nullable=False, index=True),
    Column("type_name", String(255), nullable=False),
    Column("timestamp", Float),
    Column("intent_name", String(255)),
    Column("action_name", String(255)),
    Column("data", Text),
)
_DELETE = text("DELETE FROM events WHERE sender_id IN :ids").bindparams(
    bindparam("ids", expanding=True)
)
_INDEX = text("CREATE INDEX IF NOT EXISTS ix_events_timestamp ON events (timestamp)")
_IDLE = text(
    "SELECT DISTINCT sender_id FROM events WHERE timestamp < :before AND NOT EXISTS ("
    "SELECT 1 FROM events AS later"
    " WHERE later.sender_id = events.sender_id AND later.timestamp >= :before)"
)
_OLD = text("SELECT id, sender_id, data FROM events WHERE substr(data, 1, :length) <> :prefix")
_REWRITE = text("UPDATE events SET data = :fresh WHERE id = :id AND data = :data")
_COUNT = text("SELECT count(*) FROM events WHERE substr(data, 1, :length) <> :prefix")


def forget(settings: Settings, conversation_ids: Sequence[str]) -> int:
    """Delete the bot's events of these conversations; return how many. Call after the commit.

    A store that does not exist yet holds nothing.
    """
    if not conversation_ids:
        return 0
    with tracker_engine(settings) as engine:
        if engine is None:
            return 0
        with engine.begin() as connection:
            _overwrite_deleted(connection)
            return connection.execute(_DELETE, {"ids": list(conversation_ids)}).rowcount


def forget_idle(settings: Settings, before: datetime) -> int:
    """Delete the bot's events of talks without any since then; return how many talks."""
    with tracker_engine(settings) as engine:
        if engine is None:
            return 0
        with engine.begin() as connection:
            connection.execute(_INDEX)
    talks = idle(settings, before)
    for start in range(0, len(talks), BATCH):
        forget(settings, talks[start : start + BATCH])
    return len(talks)


def idle(settings: Settings, before: datetime) -> list[str]:
    """Return the ids of talks of which the bot has kept nothing newer."""
    with tracker_engine(settings) as engine:
        if engine is None:
            return []
        with engine.connect() as connection:
            return list(connection.scalars(_IDLE, {"before": before.timestamp()}))


def re_encrypt(settings: Settings, *, batch: int = BATCH) -> int:
    """Rewrite every event that is not of the current key version; return how many.

    The Rasa server must know the new key by now (`desk.tracker_keys.write_tracker_keys`).

    Raises:
        UnreadableValue: an event was altered, or its key is missing.
    """
    cipher = FieldCipher(personal_data().tracker_keys)
    done = 0
    with tracker_engine(settings) as engine:
        while engine is not None and (rewritten := _next_batch(engine, cipher, batch)):
            done += rewritten
    return done


def left_over(settings: Settings) -> int:
    """Return how many events are not of the current key version."""
    with tracker_engine(settings) as engine:
        if engine is None:
            return 0
        with engine.connect() as connection:
            return connection.scalar(_COUNT, _prefix(personal_data().current_version)) or 0


@contextmanager
def tracker_engine(settings: Settings) -> Iterator[Engine | None]:
    """Yield the engine of the bot's record; None if there is none yet."""
    url = make_url(settings.effective_tracker_db_url)
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").exists():
        yield None
        return
    engine = create_engine(url, hide_parameters=True)
    try:
        yield engine if inspect(engine).has_table("events") else None
    finally:
        engine.dispose()


def make_tracker_table(settings: Settings) -> None:
    """Make the table as Rasa makes it, where there is none (for a restore)."""
    engine = create_engine(settings.effective_tracker_db_url, hide_parameters=True)
    try:
        _EVENTS.metadata.create_all(engine)
    finally:
        engine.dispose()


def _next_batch(engine: Engine, cipher: FieldCipher, batch: int) -> int:
    with engine.begin() as connection:
        _overwrite_deleted(connection)
        limited = text(f"{_OLD.text} ORDER BY id LIMIT :batch")
        rows = connection.execute(limited, {**_prefix(cipher.current), "batch": batch}).all()
        for key, conversation_id, stored in rows:
            place = f"{PLACE}{conversation_id}"
            sealed = cipher.encrypt(_opened(cipher, stored, place), place)
            fresh = f"{prefix_of(cipher.current)}{base64.b64encode(sealed).decode()}"
            connection.execute(_REWRITE, {"fresh": fresh, "id": key, "data": stored})
    return len(rows)


def _opened(cipher: FieldCipher, stored: str, place: str) -> bytes:
    if stored.startswith("{"):
        return stored.encode()
    head, _, body = stored.partition(":")
    try:
        return cipher.decrypt(int(head[1:]), base64.b64decode(body, validate=True), place)
    except ValueError:
        raise UnreadableValue("an event of the bot") from None


def _prefix(version: int) -> dict[str, object]:
    prefix = prefix_of(version)
    return {"prefix": prefix, "length": len(prefix)}


def _overwrite_deleted(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        connection.execute(text("PRAGMA secure_delete=ON"))
