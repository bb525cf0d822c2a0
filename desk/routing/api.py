"""REST: groups, presence, offers, and who gets a conversation."""

from typing import Annotated, Any

from fastapi import APIRouter
from fastapi import Path as PathPart
from pydantic import BaseModel, Field
from sqlalchemy.orm import Session

from desk.accounts.models import Staff
from desk.conversations.api import as_json as conversation_json
from desk.current import get_desk
from desk.fanout import PRESENCE_CHANNEL
from desk.routing import managing
from desk.routing.board import Board, read_board
from desk.routing.groups import Colleague, Group, colleagues, groups
from desk.routing.models import Offer
from desk.routing.offering import offers_to
from desk.routing.presence import Presence, Standing, presence_of, set_presence
from desk.tickets.service import find_recipient
from desk.web.callers import Reader, Speaker, Supervisor

router = APIRouter(tags=["分流与在线状态"])

RowId = Annotated[int, PathPart(ge=1, lt=2**31)]
StaffId = Annotated[int, Field(ge=1, lt=2**31)]
ConversationId = Annotated[str, PathPart(max_length=32)]


class GroupBody(BaseModel):
    """A group as a whole; `position` is its place in the order of asking."""

    name: Annotated[str, Field(max_length=200)]
    topics: Annotated[list[Annotated[str, Field(max_length=64)]], Field(max_length=100)] = []
    members: Annotated[list[StaffId], Field(max_length=1000)] = []
    position: Annotated[int | None, Field(ge=0, le=10_000)] = None


class PresenceBody(BaseModel):
    """What somebody chooses; `reason` is why they are away."""

    presence: Presence
    reason: Annotated[str | None, Field(max_length=64)] = None


class CapacityBody(BaseModel):
    """Conversations at the same time; null: as many as usual."""

    capacity: Annotated[int | None, Field(ge=0, le=managing.MOST_CAPACITY)]


class StaffBody(BaseModel):
    """Who is to have it."""

    staff_id: StaffId


class GroupChoice(BaseModel):
    """Which group is to have it."""

    group_id: StaffId


@router.get("/groups", summary="客服小组")
async def listing(staff: Reader) -> dict[str, Any]:
    """Return all groups in their order."""
    found = await get_desk().database.look(groups)
    return {"groups": [group_json(one) for one in found]}


@router.post("/groups", summary="新建小组", status_code=201)
async def add_group(staff: Supervisor, body: GroupBody) -> dict[str, Any]:
    """Make a group."""
    return await get_desk().database.run(_save, staff, None, body)


@router.put("/groups/{group_id}", summary="修改小组")
async def change_group(group_id: RowId, staff: Supervisor, body: GroupBody) -> dict[str, Any]:
    """Change a group as a whole."""
    return await get_desk().database.run(_save, staff, group_id, body)


@router.delete("/groups/{group_id}", summary="删除小组", status_code=204)
async def remove_group(group_id: RowId, staff: Supervisor) -> None:
    """Delete a group; conversations that wait for it wait for anybody."""
    await get_desk().database.run(managing.remove_group, staff, group_id)


@router.get("/colleagues", summary="可接待会话的同事")
async def listing_of_colleagues(staff: Reader) -> dict[str, Any]:
    """Return who could take a conversation, those with most room first."""
    found = await get_desk().database.look(colleagues, staff)
    return {"colleagues": [colleague_json(one) for one in found]}


@router.put("/colleagues/{staff_id}/capacity", summary="设置同时接待上限")
async def change_capacity(staff_id: RowId, staff: Supervisor, body: CapacityBody) -> CapacityBody:
    """Set how many conversations somebody may hold at once."""
    await get_desk().database.run(managing.set_capacity, staff, staff_id, body.capacity)
    return body


@router.get("/presence", summary="我的在线状态")
async def own_presence(staff: Speaker) -> dict[str, Any]:
    """Return how one stands oneself."""
    return standing_json(await get_desk().database.look(presence_of, staff))


@router.put("/presence", summary="切换我的在线状态")
async def choose_presence(staff: Speaker, body: PresenceBody) -> dict[str, Any]:
    """Be available, away or offline; offline is also who has no console page open."""
    desk = get_desk()
    standing = await desk.database.run(set_presence, staff, body.presence, reason=body.reason)
    await desk.fanout.publish(PRESENCE_CHANNEL, {"type": "presence", "staff_id": staff.id})
    return standing_json(standing)


@router.get("/offers", summary="分配给我的会话")
async def offered(staff: Speaker) -> dict[str, Any]:
    """Return what one is asked at the moment."""
    found = await get_desk().database.look(offers_to, staff)
    return {"offers": [offer_json(one) for one in found]}


@router.post("/offers/{offer_id}/accept", summary="接受分配")
async def accept(offer_id: RowId, staff: Speaker) -> dict[str, Any]:
    """Take the conversation that was offered."""
    return conversation_json(await get_desk().gateway.accept_offer(staff, offer_id))


@router.post("/offers/{offer_id}/decline", summary="让给同事", status_code=204)
async def decline(offer_id: RowId, staff: Speaker) -> None:
    """Leave the conversation that was offered to others."""
    await get_desk().gateway.decline_offer(staff, offer_id)


@router.post("/conversations/{conversation_id}/group", summary="转给小组")
async def pass_on(
    conversation_id: ConversationId, staff: Speaker, body: GroupChoice
) -> dict[str, Any]:
    """Put a conversation back in the queue, for a group."""
    gateway = get_desk().gateway
    return conversation_json(await gateway.transfer_to_group(conversation_id, staff, body.group_id))


@router.post("/conversations/{conversation_id}/step-in", summary="接管会话")
async def step_in(conversation_id: ConversationId, staff: Supervisor) -> dict[str, Any]:
    """Speak to the customer from now on, whoever spoke before."""
    return conversation_json(await get_desk().gateway.step_in(conversation_id, staff))


@router.post("/conversations/{conversation_id}/assignment", summary="分派会话")
async def give(
    conversation_id: ConversationId, staff: Supervisor, body: StaffBody
) -> dict[str, Any]:
    """Give a conversation that waits, or that somebody has, to an agent."""
    desk = get_desk()
    agent = await desk.database.look(find_recipient, body.staff_id)
    return conversation_json(await desk.gateway.give_to(conversation_id, staff, agent))


@router.get("/live", summary="实时监控")
async def live(staff: Supervisor) -> dict[str, Any]:
    """Return who waits, who talks to whom, how people stand, and what presses."""
    return board_json(await get_desk().database.look(read_board, staff))


def group_json(one: Group) -> dict[str, Any]:
    """Return a group as the API shows it."""
    return {
        "id": one.id,
        "name": one.name,
        "topics": list(one.topics),
        "members": list(one.members),
    }


def colleague_json(one: Colleague) -> dict[str, Any]:
    """Return a colleague as the API shows them."""
    return {
        "id": one.id,
        "name": one.display_name,
        "role": one.role,
        **standing_json(one.standing),
        "load": one.load,
        "capacity": one.capacity,
        "groups": list(one.groups),
    }


def standing_json(one: Standing) -> dict[str, Any]:
    """Return how somebody stands, as the API shows it."""
    since = one.since.isoformat() if one.since else None
    return {"presence": one.presence, "reason": one.reason, "since": since}


def offer_json(one: Offer) -> dict[str, Any]:
    """Return an offer as the API shows it."""
    return {
        "id": one.id,
        "conversation_id": one.conversation_id,
        "offered_at": one.offered_at.isoformat(),
        "expires_at": one.expires_at.isoformat(),
    }


def board_json(board: Board) -> dict[str, Any]:
    """Return the live board as the API shows it."""
    return {
        "waiting": [
            {
                "id": one.conversation_id,
                "queued_at": one.queued_at.isoformat(),
                "reason": one.reason,
                "is_urgent": one.is_urgent,
                "asked": one.asked,
                "group": one.group,
            }
            for one in board.waiting
        ],
        "talks": [
            {
                "id": one.conversation_id,
                "agent_id": one.agent_id,
                "agent_name": one.agent_name,
                "began_at": one.began_at.isoformat(),
                "waits_since": one.waits_since.isoformat() if one.waits_since else None,
            }
            for one in board.talks
        ],
        "people": [colleague_json(one) for one in board.people],
        "with_bot": board.with_bot,
        "tickets_near": board.pressing.near,
        "tickets_overdue": board.pressing.overdue,
        "to_acknowledge": board.pressing.to_acknowledge,
    }


def _save(session: Session, leader: Staff, group_id: int | None, body: GroupBody) -> dict[str, Any]:
    saved = managing.save_group(session, leader, group_id, **body.model_dump())
    return group_json(next(one for one in groups(session) if one.id == saved.id))
