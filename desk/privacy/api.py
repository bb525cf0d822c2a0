"""REST for admins: a customer's own data, consent, deletion. Phones are never in URLs."""

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, Field
from sqlalchemy.orm import Session

from desk.current import get_desk
from desk.privacy import bot_memory, service
from desk.privacy.erasure import open_erasures
from desk.web.callers import Admin, ConfirmedAdmin

router = APIRouter(prefix="/privacy", tags=["个人信息"])


class Person(BaseModel):
    """Who asks, by phone or by conversation, and why (how the person was identified)."""

    phone: Annotated[str | None, Field(max_length=32)] = None
    conversation_id: Annotated[str | None, Field(max_length=32)] = None
    reason: Annotated[str, Field(min_length=1, max_length=service.REASON_LIMIT)]


@router.post("/export", summary="导出本人数据")
async def export(body: Person, admin: ConfirmedAdmin) -> dict[str, Any]:
    """Return everything about one person; recorded in the audit trail."""
    return await get_desk().database.run(service.export_own, admin, **body.model_dump())


@router.post("/withdrawals", summary="撤回同意")
async def withdraw(body: Person, admin: Admin) -> dict[str, int]:
    """Note that a person takes back the consent."""
    count = await get_desk().database.run(service.withdraw_consent, admin, **body.model_dump())
    return {"withdrawn": count}


@router.post("/erasures", summary="删除本人数据", status_code=201)
async def erase(body: Person, admin: ConfirmedAdmin) -> dict[str, Any]:
    """Delete a person's data; what an open ticket needs is kept and named."""
    desk = get_desk()
    found, outcome = await desk.database.run(service.erase_person, admin, **body.model_dump())
    await asyncio.to_thread(bot_memory.forget, desk.settings, outcome.cleared_conversations)
    return {"id": found.id, "state": found.state, **outcome.as_json()}


@router.get("/erasures", summary="未完成的删除请求")
async def waiting(_admin: Admin) -> dict[str, Any]:
    """Return the requests that wait for open tickets."""

    def read(session: Session) -> list[dict[str, Any]]:
        return [
            {"id": one.id, "requested_at": one.requested_at.isoformat(), **one.outcome}
            for one in open_erasures(session)
        ]

    return {"erasures": await get_desk().database.look(read)}
