"""REST: conversations that read like complaints and led to no ticket, for QA and supervisors."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi import Path as PathPart

from desk.current import get_desk
from desk.reviews import suspects
from desk.reviews.models import Suspect
from desk.tickets.view import ticket_json
from desk.web.callers import Reviewer

router = APIRouter(prefix="/suspects", tags=["质检"])

ConversationId = Annotated[str, PathPart(max_length=32)]


@router.get("", summary="疑似漏报的投诉")
async def listing(
    reviewer: Reviewer,
    decision: Annotated[str, Query(pattern="^(open|complaint|none)$")] = "open",
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    offset: Annotated[int, Query(ge=0, lt=2**31)] = 0,
) -> dict[str, Any]:
    """Return suspects, the likeliest first, and how many there are."""
    page = await get_desk().database.look(
        suspects.list_suspects, reviewer, decision=decision, limit=limit, offset=offset
    )
    return {"total": page.total, "suspects": [suspect_json(row) for row in page.rows]}


@router.post("/{conversation_id}/ticket", summary="补登投诉", status_code=201)
async def open_ticket(conversation_id: ConversationId, reviewer: Reviewer) -> dict[str, Any]:
    """Open the complaint that nobody took down."""
    ticket = await get_desk().database.run(suspects.open_from_suspect, reviewer, conversation_id)
    return ticket_json(ticket)


@router.post("/{conversation_id}/dismissal", summary="不是投诉")
async def dismiss(conversation_id: ConversationId, reviewer: Reviewer) -> dict[str, Any]:
    """Decide that it is no complaint."""
    return suspect_json(await get_desk().database.run(suspects.dismiss, reviewer, conversation_id))


def suspect_json(suspect: Suspect) -> dict[str, Any]:
    """Return a suspect as the API shows it."""
    return {
        "conversation_id": suspect.conversation_id,
        "score": suspect.score,
        "words": suspect.words,
        "decision": suspect.decision,
        "found_at": suspect.found_at.isoformat(),
        "decided_at": suspect.decided_at.isoformat() if suspect.decided_at else None,
    }
