"""REST: flagged replies, decisions and the spreadsheet, for QA and supervisors."""

import asyncio
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from fastapi import Path as PathPart
from fastapi.responses import Response
from pydantic import AwareDatetime, BaseModel

from desk.current import get_desk
from desk.reviews import service
from desk.reviews.export import export_xlsx, note_export
from desk.reviews.models import Decision, FlaggedReply
from desk.web.callers import Reviewer

router = APIRouter(prefix="/reviews", tags=["质检"])

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
EXPORT_LIMIT = 20_000
"""Rows of one spreadsheet."""
FlaggedId = Annotated[int, PathPart(ge=1, lt=2**31)]


class Judgement(BaseModel):
    """A reviewer's decision; coaching needs a note."""

    decision: Decision
    note: str | None = None


def wanted(
    decision: Decision | None = None,
    category: Annotated[str | None, Query(max_length=32)] = None,
    severity: Annotated[str | None, Query(pattern="^(block|warn)$")] = None,
    agent_id: Annotated[int | None, Query(ge=1, lt=2**31)] = None,
    since: AwareDatetime | None = None,
    until: AwareDatetime | None = None,
) -> dict[str, Any]:
    """Return the filter's values."""
    return {
        "decision": decision,
        "category": category,
        "severity": severity,
        "agent_id": agent_id,
        "since": since,
        "until": until,
    }


Wanted = Annotated[dict[str, Any], Depends(wanted)]


@router.get("", summary="被标记的回复")
async def listing(
    reviewer: Reviewer,
    values: Wanted,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    offset: Annotated[int, Query(ge=0, lt=2**31)] = 0,
) -> dict[str, Any]:
    """Return flagged replies, the newest first, and how many there are."""
    look = get_desk().database.look
    page = await look(service.list_flagged, **values, viewer=reviewer, limit=limit, offset=offset)
    hidden = await look(service.hidden_from, reviewer, page.rows)
    rows = [as_json(row, is_hidden=row.id in hidden) for row in page.rows]
    return {"total": page.total, "reviews": rows}


@router.get("/export.xlsx", summary="导出 Excel", response_class=Response)
async def export(reviewer: Reviewer, values: Wanted) -> Response:
    """Return the same as a spreadsheet; recorded in the audit trail."""
    look = get_desk().database.look
    page = await look(service.list_flagged, **values, viewer=reviewer, limit=EXPORT_LIMIT)
    hidden = await look(service.hidden_from, reviewer, page.rows)
    await get_desk().database.run(note_export, reviewer, len(page.rows))
    content = await asyncio.to_thread(export_xlsx, page.rows, hidden=hidden)
    headers = {"Content-Disposition": 'attachment; filename="kefu-reviews.xlsx"'}
    return Response(content, media_type=XLSX, headers=headers)


@router.get("/{flagged_id}", summary="一条记录及上下文")
async def one(flagged_id: FlaggedId, reviewer: Reviewer) -> dict[str, Any]:
    """Return a flagged reply with the messages around it."""
    look = get_desk().database.look
    flagged = await look(service.find_flagged, flagged_id)
    context = await look(service.context_of, flagged_id)
    is_hidden = bool(await look(service.hidden_from, reviewer, [flagged]))
    return {
        **as_json(flagged, is_hidden=is_hidden),
        "context": [message.as_json() for message in context],
    }


@router.post("/{flagged_id}/decision", summary="质检结论")
async def decide(flagged_id: FlaggedId, reviewer: Reviewer, body: Judgement) -> dict[str, Any]:
    """Store a decision."""
    decided = await get_desk().database.run(
        service.decide, reviewer, flagged_id, body.decision, body.note
    )
    return as_json(decided)


def as_json(row: FlaggedReply, *, is_hidden: bool = False) -> dict[str, Any]:
    """Return a flagged reply as the API shows it; `is_hidden` keeps the decision back from those
    who may judge it a second time."""
    decision = {
        "decision": row.decision,
        "decided_by": row.decided_by.display_name if row.decided_by else None,
        "decided_at": _iso(row.decided_at),
        "decision_note": row.decision_note,
    }
    return {
        "id": row.id,
        "conversation_id": row.conversation_id,
        "after_seq": row.after_seq,
        "agent": row.agent.display_name,
        "text": row.text,
        "flags": row.flags,
        "worst": row.worst,
        "ruleset_version": row.ruleset_version,
        "outcome": row.outcome,
        "override_reason": row.override_reason,
        "created_at": row.created_at.isoformat(),
        **(dict.fromkeys(decision) if is_hidden else decision),
        "is_blind": is_hidden,
    }


def _iso(instant: datetime | None) -> str | None:
    return instant.isoformat() if instant else None
