"""`Idempotency-Key` on the REST interface: a repeated `POST` gets the first one's answer."""

import asyncio
from typing import Any

from fastapi import FastAPI
from fastapi.responses import JSONResponse, Response
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from desk.accounts.service import staff_for_token
from desk.current import get_desk
from desk.errors import DeskError, NotLoggedIn
from desk.idempotency import (
    ANSWER_LIMIT,
    KEY_LIMIT,
    RUNNING,
    Answer,
    Call,
    begin,
    check_key,
    find,
    fingerprint,
    forget,
    keep,
    still_running,
)
from desk.locale import t
from desk.web.callers import token_of
from desk.web.problems import problem_response

PREFIX = "/api/v1/"
LEFT_OUT = frozenset({"/api/v1/login", "/api/v1/logout"})
"""Calls about tokens: an answer with a token is not kept."""
HEADER = "idempotency-key"
PATIENCE_S = 10.0
PAUSE_S = 0.1


class RepeatedCalls:
    """ASGI middleware; sees only calls with the header."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not _is_meant(scope):
            await self._app(scope, receive, send)
            return
        body = await Request(scope, receive).body()
        try:
            call = await _call_of(scope, body)
            answer = None if call is None else await self._earlier(call)
        except DeskError as problem:
            await problem_response(problem)(scope, receive, send)
            return
        if answer is not None:
            await _repeat(answer)(scope, receive, send)
        elif call is None:
            # Nobody is logged in: the route says so.
            await self._app(scope, _replay(body, receive), send)
        else:
            await self._carry_out(call, scope, _replay(body, receive), send)

    async def _earlier(self, call: Call) -> Answer | None:
        """Return the first call's answer, waiting a while for it; None if this is the first."""
        database = get_desk().database
        for _ in range(int(PATIENCE_S / PAUSE_S)):
            answer = await database.look(find, call)
            if answer is None:
                if await database.run(begin, call):
                    return None
            elif answer.status == RUNNING:
                await asyncio.sleep(PAUSE_S)
            else:
                return answer
        raise still_running()

    async def _carry_out(self, call: Call, scope: Scope, receive: Receive, send: Send) -> None:
        kept = _Kept()

        async def note_and_send(message: Message) -> None:
            kept.note(message)
            if message["type"] == "http.response.body" and not message.get("more_body"):
                # Before the caller hears of it: who repeats at once must find the answer.
                await _settle(call, kept.answer())
            await send(message)

        try:
            await self._app(scope, receive, note_and_send)
        except Exception:
            await _settle(call, None)
            raise


class _Kept:
    """Puts an answer together as it passes."""

    def __init__(self) -> None:
        self._status = 0
        self._is_json = False
        self._parts: list[bytes] = []

    def note(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._status = message["status"]
            kind = Headers(raw=message["headers"]).get("content-type", "")
            self._is_json = kind.startswith("application/json")
        elif message["type"] == "http.response.body":
            self._parts.append(message.get("body", b""))

    def answer(self) -> Answer | None:
        """Return the answer if the call was carried out; one that failed changed nothing."""
        if not 200 <= self._status < 300:
            return None
        body = b"".join(self._parts)
        is_kept = self._is_json and len(body) <= ANSWER_LIMIT
        return Answer(self._status, body.decode() if is_kept else "{}")


def describe_header(app: FastAPI) -> None:
    """Add the header to every `POST` of the OpenAPI description."""
    original = app.openapi

    def openapi() -> dict[str, Any]:
        description = original()
        for path, item in description["paths"].items():
            if path.startswith(PREFIX) and path not in LEFT_OUT and "post" in item:
                parameters = item["post"].setdefault("parameters", [])
                if not any(one["name"] == "Idempotency-Key" for one in parameters):
                    parameters.append(_parameter())
        return description

    app.openapi = openapi  # type: ignore[method-assign]


def _parameter() -> dict[str, Any]:
    schema = {"type": "string", "minLength": 1, "maxLength": KEY_LIMIT}
    return {
        "name": "Idempotency-Key",
        "in": "header",
        "required": False,
        "description": t("api.idempotency_key"),
        "schema": schema,
    }


def _is_meant(scope: Scope) -> bool:
    return (
        scope["type"] == "http"
        and scope["method"] == "POST"
        and scope["path"].startswith(PREFIX)
        and scope["path"] not in LEFT_OUT
        and HEADER in Headers(scope=scope)
    )


async def _call_of(scope: Scope, body: bytes) -> Call | None:
    """Return the call of whoever is logged in."""
    request = Request(scope)
    key = check_key(request.headers[HEADER])
    try:
        staff = await get_desk().database.look(staff_for_token, token_of(request))
    except NotLoggedIn:
        return None
    return Call(
        staff.id, key, fingerprint(scope["method"], scope["path"], scope["query_string"], body)
    )


async def _settle(call: Call, answer: Answer | None) -> None:
    """Keep the answer, or free the key; goes on to the end even if the caller has left."""
    database = get_desk().database
    work = database.run(forget, call) if answer is None else database.run(keep, call, answer)
    await asyncio.shield(asyncio.ensure_future(work))


def _repeat(answer: Answer) -> Response:
    headers = {"Idempotency-Replayed": "true"}
    return Response(answer.body, answer.status, media_type=JSONResponse.media_type, headers=headers)


def _replay(body: bytes, receive: Receive) -> Receive:
    """Return a `receive` that gives the body read before, then goes on as the original."""
    is_given = False

    async def again() -> Message:
        nonlocal is_given
        if is_given:
            return await receive()
        is_given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again
