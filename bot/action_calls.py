"""What Rasa sends to the actions, and over which connection.

Rasa sends the whole conversation with each call, over a connection made for it alone. Our actions
look at this turn and the one before (`actions.turn`), and sit on the other end of the same line.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import rasa
from rasa.core.actions.action import RemoteAction
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import Event, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker, EventVerbosity
from rasa.utils.endpoints import EndpointConfig

TURNS = 2
IDLE_S = 3.0
"""Shorter than the five seconds after which the desk's server drops a silent connection."""


def send_recent_turns() -> None:
    """Let every remote action of this process send `call_body`."""
    RemoteAction._action_call_format = call_body


def call_body(
    action: RemoteAction, tracker: DialogueStateTracker, domain: Domain
) -> dict[str, Any]:
    """Return a call's JSON: Rasa's own, with the events of the last turns only."""
    state = tracker.current_state(EventVerbosity.NONE)
    state["events"] = [event.as_dict() for event in recent_events(tracker.events)]
    body = {
        "next_action": action.name(),
        "sender_id": tracker.sender_id,
        "tracker": state,
        "version": rasa.__version__,
    }
    if domain.does_custom_action_explicitly_need_domain(action.name()):
        body["domain"] = domain.as_dict()
    return body


def recent_events(events: Iterable[Event], turns: int = TURNS) -> list[Event]:
    """Return the events from the customer's message so many turns ago on."""
    every = list(events)
    starts = [place for place, event in enumerate(every) if isinstance(event, UserUttered)]
    return every[starts[-turns] :] if len(starts) > turns else every


class KeptEndpoint(EndpointConfig):
    """An endpoint as it was given, with one session for all calls, made at the first."""

    def __init__(self, endpoint: EndpointConfig) -> None:
        self.__dict__.update(endpoint.__dict__)
        self._session: aiohttp.ClientSession | None = None

    @asynccontextmanager
    async def session(self) -> AsyncIterator[aiohttp.ClientSession]:
        """Give the session to a call; it stays open afterwards."""
        if self._session is None:
            connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=IDLE_S)
            auth = aiohttp.BasicAuth(**self.basic_auth) if self.basic_auth else None
            self._session = aiohttp.ClientSession(connector=connector, auth=auth)
        yield self._session

    async def close(self) -> None:
        """End the session; another call would begin a new one."""
        if self._session is not None:
            await self._session.close()
            self._session = None
