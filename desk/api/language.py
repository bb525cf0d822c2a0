"""Wording check and suggested replies over REST."""

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, Field

from desk.conversations import service as conversations
from desk.conversations.domain import MESSAGE_LIMIT
from desk.current import get_desk
from desk.web.callers import AnyStaff, Reader
from scripts_library.suggesting.suggester import Suggestion, SuggestionContext

router = APIRouter(tags=["话术"])

TEXTS_LIMIT = 200
SUGGESTIONS_LIMIT = 10
CONTEXT_MESSAGES = 12


class CheckRequest(BaseModel):
    """Texts to check, each on its own."""

    texts: Annotated[
        list[Annotated[str, Field(max_length=MESSAGE_LIMIT)]],
        Field(min_length=1, max_length=TEXTS_LIMIT),
    ]


class SuggestRequest(BaseModel):
    """What the customer said: a text, or a conversation of which the last messages count."""

    text: Annotated[str | None, Field(max_length=MESSAGE_LIMIT)] = None
    conversation_id: Annotated[str | None, Field(max_length=32)] = None
    intent: Annotated[str | None, Field(max_length=32)] = None
    limit: Annotated[int, Field(ge=1, le=SUGGESTIONS_LIMIT)] = 3


@router.post("/check", summary="检查话术")
async def check(body: CheckRequest, _staff: AnyStaff) -> dict[str, Any]:
    """Return one verdict for each text, in order. `start` and `end` count code points."""
    checker = get_desk().checker
    verdicts = await asyncio.to_thread(lambda: [checker.check(text) for text in body.texts])
    return {"verdicts": [verdict.to_dict() for verdict in verdicts]}


@router.post("/suggest", summary="推荐回复")
async def suggest(body: SuggestRequest, staff: Reader) -> dict[str, Any]:
    """Return suggested replies, the best first; an empty list when nothing fits."""
    desk = get_desk()
    intent = body.intent
    messages: tuple[tuple[str, str], ...] = ()
    if body.conversation_id:
        conversation, lines = await desk.database.look(
            conversations.last_messages, body.conversation_id, staff, limit=CONTEXT_MESSAGES
        )
        intent = intent or conversation.last_intent
        messages = tuple((line.sender, line.text) for line in lines)
    if body.text:
        messages = (*messages, ("customer", body.text))
    context = SuggestionContext(messages=messages, intent=intent)
    found = await asyncio.to_thread(lambda: desk.suggester.suggest(context, body.limit))
    return {"suggestions": [suggestion_json(one) for one in found]}


def suggestion_json(suggestion: Suggestion) -> dict[str, Any]:
    """Return a suggestion as the API shows it."""
    return {
        "script_id": suggestion.script_id,
        "text": suggestion.text,
        "score": round(suggestion.score, 3),
        "reason": suggestion.reason,
        "missing": list(suggestion.missing),
    }
