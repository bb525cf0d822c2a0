"""The Rasa channel `desk`: one request is one turn, answered when the turn is done.

`POST /webhooks/desk/webhook` with `Authorization: Bearer TOKEN` and
`{"conversation_id", "text", "payload", "metadata", "message_id", "is_repeat"}` returns
`{"messages": [{"text", "buttons", "custom"}], "intent": {"name", "confidence"}, "entities": []}`.
With `is_repeat` a message that was handled before, by its id, gets the same answer and changes
nothing (`bot.repeats`). `GET /webhooks/desk/` names the loaded model. No text of a customer is
logged or sent back in an error.
"""

from __future__ import annotations

import hmac
import logging
import re
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeGuard

from rasa.core.channels.channel import InputChannel, OutputChannel, UserMessage
from rasa.core.tracker_store import FailSafeTrackerStore
from sanic import Blueprint, Sanic
from sanic.exceptions import SanicException
from sanic.request import Request
from sanic.response import HTTPResponse, json

from bot.action_answers import check_once_compiled
from bot.action_calls import KeptEndpoint, send_recent_turns
from bot.graph_runner import run_in_order
from bot.model_watch import watch_model
from bot.repeats import run_once

MAX_TEXT = 20_000
MAX_ID = 200
MAX_PAYLOAD = 1000
MAX_MESSAGE_ID = 40
BLANK = "……"
"""Stands for a message without a visible character; Rasa does not handle an empty one."""

_PAYLOAD = re.compile(r"/[a-z_]+(?:\{[^\x00-\x1f]*\})?")
log = logging.getLogger(__name__)

OnMessage = Callable[[UserMessage], Awaitable[Any]]


class Refused(Exception):
    """A request that can't be taken: HTTP status and a short code."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(code)
        self.status = status
        self.code = code


@dataclass(frozen=True, slots=True)
class Turn:
    """A checked request; `text` is what Rasa handles. Without a `message_id` Rasa makes one."""

    conversation_id: str
    text: str
    metadata: dict[str, Any]
    message_id: str | None = None
    is_repeat: bool = False


class DeskOutput(OutputChannel):
    """Collects what the bot says in the shape the desk expects."""

    def __init__(self) -> None:
        self.messages: list[dict[str, Any]] = []

    @classmethod
    def name(cls) -> str:
        return "desk"

    async def send_text_message(self, recipient_id: str, text: str, **kwargs: Any) -> None:
        self._add(text=text)

    async def send_text_with_buttons(
        self, recipient_id: str, text: str, buttons: list[dict[str, Any]], **kwargs: Any
    ) -> None:
        kept = [{"title": str(b["title"]), "payload": str(b["payload"])} for b in buttons]
        self._add(text=text, buttons=kept)

    async def send_custom_json(
        self, recipient_id: str, json_message: dict[str, Any], **kwargs: Any
    ) -> None:
        self._add(custom=json_message)

    def _add(
        self,
        *,
        text: str | None = None,
        buttons: list[dict[str, str]] | None = None,
        custom: dict[str, Any] | None = None,
    ) -> None:
        self.messages.append({"text": text, "buttons": buttons or [], "custom": custom or {}})


class DeskInput(InputChannel):
    """Takes the desk's requests. One instance a server."""

    def __init__(self, token: str) -> None:
        if not token:
            raise ValueError("credentials.yml：bot.channel.DeskInput 需要 token（KEFU_RASA_TOKEN）")
        self._token = token.encode()

    @classmethod
    def name(cls) -> str:
        return "desk"

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> DeskInput:
        return cls(str((credentials or {}).get("token") or ""))

    def blueprint(self, on_new_message: OnMessage) -> Blueprint:
        """Return the routes; `on_new_message` runs a turn to its end."""
        check_once_compiled()
        send_recent_turns()
        run_in_order()
        routes = Blueprint("desk_channel", "desk_channel")

        began = time.time()

        @routes.listener("after_server_start")
        async def take_agent(app: Sanic, _loop: Any) -> None:
            agent = app.ctx.agent
            _keep_connections(agent)
            app.add_task(watch_model(agent, since=began))

        @routes.listener("after_server_stop")
        async def let_go(app: Sanic, _loop: Any) -> None:
            if isinstance(app.ctx.agent.action_endpoint, KeptEndpoint):
                await app.ctx.agent.action_endpoint.close()

        @routes.route("/", methods=["GET"])
        async def health(request: Request) -> HTTPResponse:
            agent = _agent_of(request)
            if agent is None:
                return json({"status": "no model"}, 503)
            return json({"status": "ok", "model": agent.model_id})

        @routes.route("/webhook", methods=["POST"])
        async def receive(request: Request) -> HTTPResponse:
            try:
                self._check_token(request)
                return json(await _run(request, read_turn(_body(request)), on_new_message))
            except Refused as refusal:
                return json({"error": refusal.code}, refusal.status)
            except Exception as error:  # nothing of the message may leave by a traceback
                log.error("A turn failed: %s", type(error).__name__)
                return json({"error": "turn_failed"}, 500)

        return routes

    def _check_token(self, request: Request) -> None:
        scheme, _, given = (request.headers.get("authorization") or "").partition(" ")
        is_right = hmac.compare_digest(given.strip().encode(), self._token)
        if scheme.lower() != "bearer" or not is_right:
            raise Refused(401, "unauthorized")


def read_turn(body: Any) -> Turn:
    """Check a request body.

    Raises:
        Refused: 400 for a missing or malformed field, 413 for a text that is too long.
    """
    if not isinstance(body, dict):
        raise Refused(400, "not_an_object")
    conversation_id, text = body.get("conversation_id"), body.get("text")
    payload, metadata = body.get("payload"), body.get("metadata")
    if not _is_id(conversation_id, MAX_ID):
        raise Refused(400, "bad_conversation_id")
    if not isinstance(text or "", str) or not isinstance(metadata or {}, dict):
        raise Refused(400, "bad_text_or_metadata")
    if len(text or "") > MAX_TEXT:
        raise Refused(413, "text_too_long")
    message_id = body.get("message_id")
    if message_id is not None and not _is_id(message_id, MAX_MESSAGE_ID):
        raise Refused(400, "bad_message_id")
    handled = neutralise(text or "")
    if payload is not None:
        if not isinstance(payload, str) or len(payload) > MAX_PAYLOAD:
            raise Refused(400, "bad_payload")
        if not _PAYLOAD.fullmatch(payload):
            raise Refused(400, "bad_payload")
        handled = payload
    is_repeat = message_id is not None and body.get("is_repeat") is True
    return Turn(conversation_id, handled, metadata or {}, message_id, is_repeat)


def _is_id(value: Any, longest: int) -> TypeGuard[str]:
    return isinstance(value, str) and 0 < len(value) <= longest


def neutralise(text: str) -> str:
    """Make a customer's text one that Rasa never reads as a command: 「/restart」→「／restart」."""
    visible = text.strip()
    if not visible:
        return BLANK
    return "／" + visible[1:] if visible.startswith("/") else visible


def _body(request: Request) -> Any:
    try:
        return request.json
    except SanicException as error:
        raise Refused(400, "not_json") from error


def _agent_of(request: Request) -> Any:
    agent = getattr(request.app.ctx, "agent", None)
    return agent if agent is not None and agent.is_ready() else None


async def _run(request: Request, turn: Turn, on_new_message: OnMessage) -> dict[str, Any]:
    """Understand first, so that the answer can tell what was understood, then run the turn."""
    agent = _agent_of(request)
    if agent is None:
        raise Refused(503, "no_model")
    _without_fallback(agent)
    output = DeskOutput()
    message = UserMessage(
        turn.text,
        output,
        turn.conversation_id,
        input_channel=DeskInput.name(),
        message_id=turn.message_id,
        metadata=turn.metadata,
    )
    if turn.is_repeat:
        understood = await run_once(agent, message)
    else:
        understood = message.parse_data = await agent.processor.parse_message(message)
        await on_new_message(message)
    intent = understood.get("intent") or {}
    return {
        "messages": output.messages,
        "intent": {"name": intent.get("name"), "confidence": intent.get("confidence")},
        "entities": understood.get("entities") or [],
    }


def _keep_connections(agent: Any) -> None:
    if agent.action_endpoint is not None:
        agent.action_endpoint = KeptEndpoint(agent.action_endpoint)
        if agent.processor is not None:
            agent.processor.action_endpoint = agent.action_endpoint


def _without_fallback(agent: Any) -> None:
    """Let a turn fail when the tracker store does: Rasa would go on with an empty memory, in the
    middle of a form too. The desk then brings in people."""
    store = agent.tracker_store
    if isinstance(store, FailSafeTrackerStore):
        agent.tracker_store = agent.processor.tracker_store = store._tracker_store
