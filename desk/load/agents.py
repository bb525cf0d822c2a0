"""Agents of the load test: take whoever waits for people and answer each of their messages.

Like the console's pages they read a conversation when it has changed, and of it what is new.
"""

import asyncio
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx

from desk.load.stories import AGENT_SAYS

ROUND_S = 0.5
TIMEOUT_S = 30.0


@dataclass
class Agent:
    """A logged-in agent over REST; `run` works until it is cancelled."""

    base_url: str
    login: str
    password: str
    _read: dict[str, int] = field(default_factory=dict)
    _replies: dict[str, int] = field(default_factory=dict)

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
            # Another agent may be faster; that one answers then.
            await client.post(f"/conversations/{waiting['id']}/claim", json={})
        for mine in await _listing(client, "mine"):
            if mine["last_seq"] > self._read.get(mine["id"], 0):
                await self._answer(client, mine["id"])

    async def _answer(self, client: httpx.AsyncClient, conversation_id: str) -> None:
        after = {"after": self._read.get(conversation_id, 0)}
        answer = await client.get(f"/conversations/{conversation_id}/messages", params=after)
        answer.raise_for_status()
        fresh = answer.json()["messages"]
        said = [one for one in fresh if one["sender"] in ("customer", "agent")]
        if said and said[-1]["sender"] == "customer":
            number = self._replies.get(conversation_id, 0)
            text = AGENT_SAYS[number % len(AGENT_SAYS)]
            body = {"client_id": uuid.uuid4().hex, "text": text, "override_reason": "测试"}
            sent = await client.post(f"/conversations/{conversation_id}/replies", json=body)
            sent.raise_for_status()
            self._replies[conversation_id] = number + 1
        if fresh:
            self._read[conversation_id] = fresh[-1]["seq"]


async def _listing(client: httpx.AsyncClient, scope: str) -> Sequence[dict[str, Any]]:
    answer = await client.get("/conversations", params={"scope": scope, "limit": 200})
    answer.raise_for_status()
    return list(answer.json()["conversations"])
