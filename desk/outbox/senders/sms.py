"""Text messages: through a gateway over HTTP, or into a file for tests and demos.

The gateway gets `POST` with JSON `{"phone", "text", "idempotency_key"}`, the same key as header
`Idempotency-Key`, and `Authorization: Bearer <token>`. It answers any 2xx once it has taken the
message, and sends nothing for a key it has taken before.
"""

import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path

import httpx

from desk.outbox.parcels import NotSent, Parcel

TIMEOUT_S = 15.0
WORTH_ANOTHER_TRY = frozenset({408, 409, 425, 429})


class SmsGateway:
    """A company's SMS gateway, or a small service in front of it."""

    is_repeatable = True

    def __init__(self, url: str, token: str = "") -> None:
        self._url = url
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}

    async def send(self, parcel: Parcel) -> None:
        """Hand the message to the gateway."""
        body = {"phone": parcel.address, "text": parcel.body, "idempotency_key": parcel.key}
        headers = {**self._headers, "Idempotency-Key": parcel.key}
        async with httpx.AsyncClient(timeout=TIMEOUT_S, trust_env=False) as client:
            try:
                response = await client.post(self._url, json=body, headers=headers)
            except httpx.HTTPError as error:
                raise NotSent(type(error).__name__) from error
        check_status(response.status_code)


class SmsFile:
    """Writes each message as a line of JSON, in place of a gateway."""

    is_repeatable = True

    def __init__(self, path: str) -> None:
        self._path = Path(path)

    async def send(self, parcel: Parcel) -> None:
        """Append the message, unless the file has this key already."""
        await asyncio.to_thread(self._append, parcel)

    def _append(self, parcel: Parcel) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("a+", encoding="utf-8") as file:
            file.seek(0)
            if any(json.loads(line).get("key") == parcel.key for line in file):
                return
            at = datetime.now(UTC).isoformat()
            line = {"at": at, "key": parcel.key, "phone": parcel.address, "text": parcel.body}
            file.write(json.dumps(line, ensure_ascii=False) + "\n")


def check_status(status: int) -> None:
    """Pass for 2xx.

    Raises:
        NotSent: anything else; final if the receiver says that the request itself is wrong.
    """
    if 200 <= status < 300:
        return
    is_final = 400 <= status < 500 and status not in WORTH_ANOTHER_TRY
    raise NotSent(f"http {status}", is_final=is_final)
