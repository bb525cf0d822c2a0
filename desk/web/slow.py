"""Ends connections that send too slowly: held open, many of them would shut everybody else out.

A request's head must be there after 15 seconds (`PatientHttp`), its body after two minutes, with
never more than 20 seconds between two parts (`SlowBody`).
"""

import asyncio

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from desk.locale import t
from desk.web.problems import error_response

HEAD_S = 15.0
BODY_S = 120.0
PART_S = 20.0
TOO_SLOW = "errors.too_slow"


class PatientHttp(HttpToolsProtocol):
    """Uvicorn's HTTP with an end to its patience; how much it has is `head_s`."""

    head_s = HEAD_S
    _waiting: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for the first request."""
        super().connection_made(transport)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no more."""
        self._stop_waiting()
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        """Wait for the rest of a request's head."""
        super().on_message_begin()
        self._wait()

    def on_headers_complete(self) -> None:
        """The head is there: what follows is up to the application."""
        self._stop_waiting()
        super().on_headers_complete()

    def _wait(self) -> None:
        if self._waiting is None:
            self._waiting = self.loop.call_later(self.head_s, self._give_up)

    def _stop_waiting(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None

    def _give_up(self) -> None:
        self._waiting = None
        if not self.transport.is_closing():
            self.transport.close()


class SlowBody:
    """ASGI middleware: a body that does not come is answered with 408."""

    def __init__(self, app: ASGIApp, *, part_s: float = PART_S, body_s: float = BODY_S) -> None:
        self._app = app
        self._part_s = part_s
        self._body_s = body_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        loop = asyncio.get_running_loop()
        ends_at, is_whole, has_begun = loop.time() + self._body_s, False, False

        async def receive_in_time() -> Message:
            nonlocal is_whole
            if is_whole:
                # What comes after the body tells that the client has gone: that may take long.
                return await receive()
            patience = min(self._part_s, max(ends_at - loop.time(), 0.0))
            try:
                message = await asyncio.wait_for(receive(), patience)
            except TimeoutError:
                # Closed, or a drop now and then would keep the connection for ever.
                raise _TooSlow(408, headers={"Connection": "close"}) from None
            is_whole = not message.get("more_body", False)
            return message

        async def note(message: Message) -> None:
            nonlocal has_begun
            has_begun = True
            await send(message)

        try:
            await self._app(scope, receive_in_time, note)
        except _TooSlow:
            if not has_begun:
                answer = error_response(408, TOO_SLOW, t(TOO_SLOW), None, {"Connection": "close"})
                await answer(scope, receive, send)


class _TooSlow(HTTPException):
    """Not a part of the body in time. Of this kind, because FastAPI takes all others for a body
    that is wrong."""
