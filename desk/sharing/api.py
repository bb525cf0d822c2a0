"""REST: applications to share data. Passphrases are in the body, never in a URL."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, Field
from sqlalchemy.orm import Session

from desk.accounts.models import Staff
from desk.accounts.permissions import Right
from desk.current import get_desk
from desk.sharing import service
from desk.sharing.models import Share, ShareUse
from desk.web.callers import confirmed_may, staff_may
from desk.web.downloads import download

router = APIRouter(prefix="/shares", tags=["对外提供"])
Applicant = Annotated[Staff, Depends(staff_may(Right.SHARE))]
ConfirmedApplicant = Annotated[Staff, Depends(confirmed_may(Right.SHARE))]
ConfirmedDecider = Annotated[Staff, Depends(confirmed_may(Right.DECIDE_SHARING))]
ShareId = Annotated[int, Field(ge=1, le=2**31 - 1)]


class Wanted(BaseModel):
    """An application."""

    numbers: Annotated[
        list[Annotated[str, Field(max_length=32)]],
        Field(min_length=1, max_length=service.MOST_TICKETS),
    ]
    fields: Annotated[
        list[Annotated[str, Field(max_length=32)]], Field(min_length=1, max_length=40)
    ]
    reason: Annotated[str, Field(min_length=1, max_length=service.TEXT_LIMIT)]
    recipient: Annotated[str, Field(min_length=1, max_length=service.TEXT_LIMIT)]
    recipient_key: Annotated[str | None, Field(max_length=128)] = None
    format: Literal["xlsx", "json"] = "xlsx"
    days: Annotated[int, Field(ge=1, le=service.MOST_DAYS)] = 7
    downloads: Annotated[int, Field(ge=1, le=service.MOST_DOWNLOADS)] = 1


class Decision(BaseModel):
    """Approval, or a refusal with its reason."""

    is_approved: bool
    note: Annotated[str, Field(max_length=service.TEXT_LIMIT)] = ""


class Opening(BaseModel):
    """The passphrase, where the recipient has no public key."""

    passphrase: Annotated[str | None, Field(max_length=256, repr=False)] = None


@router.get("", summary="申请列表")
async def listed(staff: Applicant) -> dict[str, Any]:
    """Return one's own applications; managers see all."""

    def read(session: Session) -> list[dict[str, Any]]:
        return [as_json(one, []) for one in service.shares_for(session, staff)]

    return {"shares": await get_desk().database.look(read)}


@router.post("", summary="申请对外提供", status_code=201)
async def apply(body: Wanted, staff: Applicant) -> dict[str, Any]:
    """Apply for giving fields of tickets to somebody outside."""

    def work(session: Session) -> dict[str, Any]:
        share = service.apply(session, staff, service.Application(**body.model_dump()))
        session.refresh(share)
        return as_json(share, [])

    return await get_desk().database.run(work)


@router.get("/{share_id}", summary="申请与使用记录")
async def one(share_id: ShareId, staff: Applicant) -> dict[str, Any]:
    """Return an application with its log of use."""

    def read(session: Session) -> dict[str, Any]:
        share = service.find(session, staff, share_id)
        return as_json(share, service.uses_of(session, share))

    return await get_desk().database.look(read)


@router.post("/{share_id}/decision", summary="审批")
async def decide(share_id: ShareId, body: Decision, staff: ConfirmedDecider) -> dict[str, Any]:
    """Approve or refuse; never one's own."""

    def work(session: Session) -> dict[str, Any]:
        share = service.decide(
            session, staff, share_id, is_approved=body.is_approved, note=body.note
        )
        return as_json(share, [])

    return await get_desk().database.run(work)


@router.post("/{share_id}/withdrawal", summary="撤回")
async def withdraw(share_id: ShareId, staff: Applicant) -> dict[str, Any]:
    """End an application of one's own, or as a manager any."""

    def work(session: Session) -> dict[str, Any]:
        return as_json(service.withdraw(session, staff, share_id), [])

    return await get_desk().database.run(work)


@router.post("/{share_id}/file", summary="下载加密文件", response_class=Response)
async def fetch(share_id: ShareId, body: Opening, staff: ConfirmedApplicant) -> Response:
    """Return the file in the age format; every download is counted and recorded."""
    file = await get_desk().database.run(
        service.download, staff, share_id, passphrase=body.passphrase
    )
    return download(file.content, file.name, "application/octet-stream")


def as_json(share: Share, uses: list[ShareUse]) -> dict[str, Any]:
    """Return an application for other systems."""
    return {
        "id": share.id,
        "state": share.state,
        "applicant": share.applicant.login,
        "numbers": share.numbers,
        "fields": share.fields,
        "format": share.format,
        "reason": share.reason,
        "recipient": share.recipient,
        "recipient_key": share.recipient_key,
        "requested_at": share.requested_at.isoformat(),
        "expires_at": share.expires_at.isoformat(),
        "decided_by": share.decided_by.login if share.decided_by else None,
        "decision_note": share.decision_note,
        "granted": share.granted,
        "used": share.used,
        "uses": [
            {"by": use.staff.login, "at": use.at.isoformat(), "sha256": use.sha256} for use in uses
        ],
    }
