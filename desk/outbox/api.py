"""REST: notices of the caller, messages that wait for a decision, webhooks."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from fastapi import Path as PathPart
from pydantic import BaseModel, Field

from desk.accounts.models import Role, Staff
from desk.current import get_desk
from desk.outbox import deciding, notices, webhooks
from desk.outbox.models import OutboxMessage, Webhook
from desk.web.callers import AnyStaff, staff_with

router = APIRouter()

Leader = Annotated[Staff, Depends(staff_with(Role.SUPERVISOR))]
Id = Annotated[int, PathPart(ge=1, lt=2**31)]
Limit = Annotated[int, Query(ge=1, le=200)]


class WebhookBody(BaseModel):
    """An address and the events it wants; `*` stands for all."""

    url: Annotated[str, Field(min_length=1, max_length=webhooks.URL_LIMIT)]
    events: Annotated[list[str], Field(min_length=1, max_length=100)]


class ActiveBody(BaseModel):
    """Whether events are delivered."""

    is_active: bool


@router.get("/notices", summary="我的提醒", tags=["提醒"])
async def listing(staff: AnyStaff, is_unread: bool = False, limit: Limit = 50) -> dict[str, Any]:
    """Return the caller's notices, newest first, and how many are unread."""
    look = get_desk().database.look
    found = await look(notices.notices_of, staff, is_unread=is_unread, limit=limit)
    shown = [
        {
            "id": one.id,
            "text": one.text,
            "ticket": one.number,
            "at": one.at.isoformat(),
            "is_read": one.is_read,
        }
        for one in found
    ]
    return {"notices": shown, "unread": await look(notices.count_unread, staff)}


@router.post("/notices/read", summary="全部标为已读", tags=["提醒"])
async def read_all(staff: AnyStaff) -> dict[str, str]:
    """Mark all of the caller's notices as read."""
    await get_desk().database.run(notices.mark_read, staff)
    return {"status": "ok"}


@router.post("/notices/{notice_id}/read", summary="标为已读", tags=["提醒"])
async def read_one(notice_id: Id, staff: AnyStaff) -> dict[str, str]:
    """Mark one of the caller's notices as read."""
    await get_desk().database.run(notices.mark_read, staff, notice_id)
    return {"status": "ok"}


@router.get("/outbox", summary="没有发出或不确定是否发出的消息", tags=["发件箱"])
async def problems(staff: Leader, limit: Limit = 100) -> dict[str, Any]:
    """Return messages that wait for a decision, newest first; addresses are masked."""
    found = await get_desk().database.look(deciding.problems, staff, limit=limit)
    return {"messages": [message_json(message) for message in found]}


@router.post("/outbox/{message_id}/resend", summary="重新发送", tags=["发件箱"])
async def resend(message_id: Id, staff: Leader) -> dict[str, Any]:
    """Send a message again; of an uncertain one the receiver may get a second copy."""
    return message_json(await get_desk().database.run(deciding.resend, staff, message_id))


@router.post("/outbox/{message_id}/discard", summary="不再发送", tags=["发件箱"])
async def discard(message_id: Id, staff: Leader) -> dict[str, Any]:
    """Decide that a message need not go out."""
    return message_json(await get_desk().database.run(deciding.discard, staff, message_id))


@router.get("/webhooks/events", summary="可订阅的事件", tags=["推送"])
async def events(staff: Leader) -> dict[str, Any]:
    """Return the names of all events."""
    return {"events": list(webhooks.event_names())}


@router.get("/webhooks", summary="推送地址列表", tags=["推送"])
async def list_webhooks(staff: Leader) -> dict[str, Any]:
    """Return all webhooks, without their secrets."""
    found = await get_desk().database.look(webhooks.list_webhooks, staff)
    return {"webhooks": [webhook_json(webhook) for webhook in found]}


@router.post("/webhooks", summary="登记推送地址", status_code=201, tags=["推送"])
async def register(staff: Leader, body: WebhookBody) -> dict[str, Any]:
    """Register an address. The answer holds the secret for checking signatures, this once."""
    desk = get_desk()
    webhook = await desk.database.run(
        webhooks.register,
        staff,
        body.url,
        body.events,
        private_hosts=desk.settings.webhook_private_hosts,
    )
    return {**webhook_json(webhook), "secret": webhook.secret}


@router.post("/webhooks/{webhook_id}/active", summary="启用或停用推送", tags=["推送"])
async def set_active(webhook_id: Id, staff: Leader, body: ActiveBody) -> dict[str, Any]:
    """Switch a webhook off or on; while it is off, its events are not kept."""
    run = get_desk().database.run
    return webhook_json(await run(webhooks.set_active, staff, webhook_id, body.is_active))


@router.post("/webhooks/{webhook_id}/test", summary="发送测试推送", status_code=202, tags=["推送"])
async def test(webhook_id: Id, staff: Leader) -> dict[str, Any]:
    """Deliver a `ping`; see the deliveries for what became of it."""
    message = await get_desk().database.run(webhooks.send_test, staff, webhook_id)
    return delivery_json(message)


@router.get("/webhooks/{webhook_id}/deliveries", summary="推送记录", tags=["推送"])
async def deliveries(webhook_id: Id, staff: Leader, limit: Limit = 50) -> dict[str, Any]:
    """Return a webhook's last deliveries, newest first."""
    found = await get_desk().database.look(webhooks.deliveries, staff, webhook_id, limit=limit)
    return {"deliveries": [delivery_json(message) for message in found]}


def message_json(message: OutboxMessage) -> dict[str, Any]:
    """Return a message as the API shows it: without its text, the address masked."""
    return {
        **delivery_json(message),
        "channel": message.channel,
        "address": deciding.masked_address(message),
        "webhook_id": message.webhook_id,
    }


def delivery_json(message: OutboxMessage) -> dict[str, Any]:
    """Return what became of a message."""
    return {
        "id": message.id,
        "key": message.dedupe_key,
        "event": message.subject if message.webhook_id else None,
        "state": message.state,
        "attempts": message.attempts,
        "error": message.last_error,
        "created_at": message.created_at.isoformat(),
        "sent_at": message.sent_at.isoformat() if message.sent_at else None,
        "next_try_at": message.next_try_at.isoformat() if message.state == "pending" else None,
    }


def webhook_json(webhook: Webhook) -> dict[str, Any]:
    """Return a webhook without its secret."""
    return {
        "id": webhook.id,
        "url": webhook.url,
        "events": webhook.events,
        "is_active": webhook.is_active,
        "created_at": webhook.created_at.isoformat(),
    }
