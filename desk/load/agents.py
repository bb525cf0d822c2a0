"""Agents of the load test: take whoever waits for people and answer each of their messages.

Like the console's pages they read a conversation when it has changed, and of it what is new. A
talk in which nobody says anything more is closed, so that there is room for the next.
"""

import asyncio
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx

from desk.load.stories import AGENT_SAYS

ROUND_S = 0.5
SILENCE_S = 25.0
TIMEOUT_S = 30.0


@dataclass
class Agent:
    """A logged-in agent over REST; `run` works until it is cancelled."""

    base_url: str
    login: str
    password: str
    _talks: dict[str, "_Talk"] = field(default_factory=dict)

    async def run(self) -> None:
        """Claim and answer. A desk that is away for a moment is tried again."""
        async with httpx.AsyncClient(
            base_url=f"{self.base_url}/api/v1", timeout=TIMEOUT_S, trust_env=False
        ) as client:
            while True:
                try:
                    if "Authorization" not in client.headers:
                        await self._log_in(client)
                    await self._work(client)
                except httpx.HTTPStatusError as error:
                    if error.response.status_code == httpx.codes.UNAUTHORIZED:
                        client.headers.pop("Authorization", None)
                except httpx.HTTPError:
                    pass
                await asyncio.sleep(ROUND_S)

    async def _log_in(self, client: httpx.AsyncClient) -> None:
        answer = await client.post("/login", json={"login": self.login, "password": self.password})
        answer.raise_for_status()
        client.headers["Authorization"] = f"Bearer {answer.json()['token']}"

    async def _work(self, client: httpx.AsyncClient) -> None:
        for waiting in await _listing(client, "queue"):
            taken = await client.post(f"/conversations/{waiting['id']}/claim", json={})
            if taken.is_error:
                # Another agent was faster, or this one has as many as one may hold.
                break
        for mine in await _listing(client, "mine"):
            talk = self._talks.setdefault(mine["id"], _Talk())
            if mine["last_seq"] > talk.read:
                await _answer(client, mine["id"], talk)
            elif time.monotonic() - talk.heard_at > SILENCE_S:
                await client.post(f"/conversations/{mine['id']}/close")


@dataclass
class _Talk:
    """What an agent knows of a talk: up to which message, how many replies, since when."""

    read: int = 0
    replies: int = 0
    heard_at: float = 0.0


async def _answer(client: httpx.AsyncClient, conversation_id: str, talk: _Talk) -> None:
    answer = await client.get(
        f"/conversations/{conversation_id}/messages", params={"after": talk.read}
    )
    answer.raise_for_status()
    fresh = answer.json()["messages"]
    said = [one for one in fresh if one["sender"] in ("customer", "agent")]
    if said and said[-1]["sender"] == "customer":
        text = AGENT_SAYS[talk.replies % len(AGENT_SAYS)]
        body = {"client_id": uuid.uuid4().hex, "text": text, "override_reason": "测试"}
        sent = await client.post(f"/conversations/{conversation_id}/replies", json=body)
        sent.raise_for_status()
        talk.replies += 1
    if fresh:
        talk.read, talk.heard_at = fresh[-1]["seq"], time.monotonic()


async def _listing(client: httpx.AsyncClient, scope: str) -> Sequence[dict[str, Any]]:
    answer = await client.get("/conversations", params={"scope": scope, "limit": 200})
    answer.raise_for_status()
    return list(answer.json()["conversations"])
