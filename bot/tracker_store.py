"""Rasa's record of each talk (`tracker_store` in `endpoints.yml`), encrypted row by row.

What customers type and what forms keep stands in the column `data` only, which is encrypted; the
others hold kinds, times and names of intents, actions and slots. Rows from before encryption are
read, and rewritten when the server starts. An event stream would carry everything in the clear, so
a server with one does not start.

A long talk stays cheap: beyond `MOST_EVENTS` only its last turns are kept, with what was known
before them (`bot.tracker_trimming`). What was said stands in the desk's database, not here.
"""

from __future__ import annotations

import json
import logging
import os
from typing import Any

import sqlalchemy as sa
from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import SQLTrackerStore, create_engine_kwargs
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import Event, SessionStarted
from rasa.shared.core.trackers import DialogueStateTracker
from sqlalchemy.orm import sessionmaker

from bot.tracker_cipher import TrackerCipher, cipher_of
from bot.tracker_trimming import shortened

BATCH = 1000
_STORED = "_kefu_stored"
"""On a tracker: how many of its events are stored."""
MOST_EVENTS = 200
"""Of one talk; a turn of a form makes about ten."""
KEPT_TURNS = 6
"""Actions look at the turn before, no further."""
log = logging.getLogger(__name__)


class EncryptedTrackerStore(SQLTrackerStore):
    """SQL tracker store on SQLite or PostgreSQL that never writes an event in the clear.

    Args:
        host: SQLAlchemy URL of the database (`url` in `endpoints.yml`).
        cipher: instead of the one that the environment names; see `bot.tracker_cipher`.
    """

    engine: Any

    def __init__(
        self,
        host: str,
        domain: Domain | None = None,
        event_broker: EventBroker | None = None,
        cipher: TrackerCipher | None = None,
    ) -> None:
        if event_broker is not None:
            raise ValueError("endpoints.yml：event_broker 会外发客户原话，请删除")
        self._cipher = cipher or cipher_of(os.environ)
        super().__init__(domain=domain, host=host)
        # A connection that died with a restart of the database must not cost a turn.
        self.engine.dispose()
        options = {**create_engine_kwargs(host), "pool_pre_ping": True, "hide_parameters": True}
        self.engine = sa.create_engine(host, **options)
        self.sessionmaker = sessionmaker(self.engine)
        self._all, self._last_session = _queries(self.SQLEvent)
        self._rewrite_plain()

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Add the events of a talk that are not stored yet; shorten it, here and in the tracker,
        when it has become long."""
        fresh = list(tracker.events)[self._stored_of(tracker) :]
        is_long = len(tracker.events) > MOST_EVENTS
        kept = self._shortened(tracker) if is_long else None
        if not fresh and not kept:
            return
        with self.engine.begin() as connection:
            if kept:
                self._forget(connection, tracker.sender_id)
                tracker.events.clear()
                tracker.events.extend(kept)
            rows = [
                self._row(tracker.sender_id, event.as_dict(), event.type_name)
                for event in kept or fresh
            ]
            connection.execute(sa.insert(self.SQLEvent), rows)
        setattr(tracker, _STORED, len(tracker.events))

    async def _retrieve(
        self, sender_id: str, fetch_events_from_all_sessions: bool
    ) -> DialogueStateTracker | None:
        query = self._all if fetch_events_from_all_sessions else self._last_session
        with self.engine.connect() as connection:
            stored = connection.scalars(query, {"sender_id": sender_id}).all()
        if not self.domain or not stored:
            return None
        events = [json.loads(self._cipher.decrypt(data, sender_id)) for data in stored]
        tracker = DialogueStateTracker.from_dict(sender_id, events, self.domain.slots)
        if not fetch_events_from_all_sessions:
            setattr(tracker, _STORED, len(stored))
        return tracker

    def _stored_of(self, tracker: DialogueStateTracker) -> int:
        """Return how many of a tracker's events are stored: known of one that came from here,
        counted otherwise."""
        known: int | None = getattr(tracker, _STORED, None)
        if known is not None:
            return known
        with self.engine.connect() as connection:
            return len(
                connection.scalars(self._last_session, {"sender_id": tracker.sender_id}).all()
            )

    def _shortened(self, tracker: DialogueStateTracker) -> list[Event] | None:
        return shortened(tracker, self.domain.slots, KEPT_TURNS) if self.domain else None

    def _forget(self, connection: sa.Connection, sender_id: str) -> None:
        if self.engine.dialect.name == "sqlite":
            connection.execute(sa.text("PRAGMA secure_delete=ON"))
        row = self.SQLEvent
        connection.execute(sa.delete(row).where(row.sender_id == sender_id))

    def _row(self, sender_id: str, event: dict[str, Any], type_name: str) -> dict[str, Any]:
        intent = (event.get("parse_data") or {}).get("intent") or {}
        return {
            "sender_id": sender_id,
            "type_name": type_name,
            "timestamp": event.get("timestamp"),
            "intent_name": intent.get("name"),
            "action_name": event.get("name"),
            "data": self._cipher.encrypt(json.dumps(event), sender_id),
        }

    def _rewrite_plain(self) -> None:
        """Encrypt the rows of before; several servers may do so at once."""
        is_sqlite = self.engine.dialect.name == "sqlite"
        count = 0
        while done := self._rewrite_batch(is_sqlite):
            count += done
        if not count:
            return
        log.info("Encrypted %d events of before.", count)
        if is_sqlite:
            # The old pages are still in the file until it is written anew.
            with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as one:
                one.execute(sa.text("VACUUM"))

    def _rewrite_batch(self, is_sqlite: bool) -> int:
        row = self.SQLEvent
        with self.engine.begin() as connection:
            if is_sqlite:
                connection.execute(sa.text("PRAGMA secure_delete=ON"))
            plain = sa.select(row.id, row.sender_id, row.data).where(row.data.startswith("{"))
            found = connection.execute(plain.limit(BATCH)).all()
            for key, sender_id, data in found:
                is_same = sa.and_(row.id == key, row.data == data)
                encrypted = self._cipher.encrypt(data, sender_id)
                connection.execute(sa.update(row).where(is_same).values(data=encrypted))
        return len(found)


def _queries(row: Any) -> tuple[sa.Select[tuple[str]], sa.Select[tuple[str]]]:
    """Return the queries for the events of a talk (`:sender_id`), and of its last session.

    As in Rasa, but the last session is found by the order of the rows: its times stop being an
    order when the clock is set back.
    """
    is_of_talk = row.sender_id == sa.bindparam("sender_id")
    every = sa.select(row.data).where(is_of_talk).order_by(row.id)
    is_start = sa.and_(is_of_talk, row.type_name == SessionStarted.type_name)
    start = sa.select(sa.func.max(row.id)).where(is_start).scalar_subquery()
    return every, every.where(sa.or_(row.id >= start, start.is_(None)))
