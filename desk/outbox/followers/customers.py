"""Tells the customer at the key points (R-B7, R-B9)."""

from dataclasses import dataclass
from typing import Any

from desk.accounts.models import Staff
from desk.clock import to_local
from desk.locale import t
from desk.outbox.audience import responsible
from desk.outbox.channels import current_channels
from desk.outbox.news import News
from desk.outbox.queueing import notify
from desk.outbox.telling import tell, way_to
from desk.tickets.merging import merged_into
from desk.tickets.models import Ticket, TicketState
from desk.tickets.timeline import EntryKind
from desk.tickets.view import department_name, due_text

LETTER = "letter"
IN_PERSON = frozenset({"phone", "visit"})


@dataclass(frozen=True, slots=True)
class Point:
    """What to say: `customer.<name>` with these fill-ins."""

    name: str
    values: dict[str, Any]


def follow(news: News) -> None:
    """Say what this entry means to the customer, if anything."""
    point = _point(news)
    if point is None or _is_known(news, point):
        return
    tell(news, point.name, **point.values)
    for absorbed in _of_others(news):
        theirs = news.about(absorbed)
        tell(theirs, point.name, **point.values)
        news.has_notices |= theirs.has_notices
    if point.name in {"result", "resolved"}:
        _ask_for_letter(news)


def _of_others(news: News) -> list[Ticket]:
    """Return the tickets that were merged into this one and have another customer."""
    own = news.ticket
    return [
        ticket
        for ticket in merged_into(news.session, own)
        if ticket.conversation_id != own.conversation_id or ticket.phone_index != own.phone_index
    ]


def _is_known(news: News, point: Point) -> bool:
    """Tell whether the customer heard it already: from the bot or on tapping in the chat, or from
    the colleague they called or came to see."""
    if point.name == "opened":
        channel = way_to(news.ticket).channel
        if news.entry.actor == "bot":
            return channel == "chat"
        return news.ticket.channel in IN_PERSON and channel not in {"email", "sms"}
    return point.name == "reopened" and news.data.get("channel") == "chat"


def _point(news: News) -> Point | None:
    ticket, text = news.ticket, news.entry.text
    match news.entry.kind:
        case EntryKind.OPENED:
            return Point("opened", {**_department(ticket), **_due(ticket)})
        case EntryKind.STATE_CHANGED:
            return _state_point(news)
        case EntryKind.TRANSFERRED:
            return Point("transferred", _transferred(news))
        case EntryKind.PAUSED if news.data.get("reason") == "customer":
            return Point("waiting", {"question": text or t("customer.default_question")})
        case EntryKind.MERGED | EntryKind.SPLIT_UNDONE if "into" in news.data:
            return Point("merged", {"into": news.data["into"]})
        case EntryKind.MERGE_UNDONE if "into" in news.data:
            return Point("unmerged", {})
        case EntryKind.FEEDBACK_GIVEN:
            return Point("result", {"text": text or ""})
        case EntryKind.REOPENED:
            return Point("reopened", _due(ticket))
        case EntryKind.GROUP_TOLD if text:
            return Point("group", {"text": text})
    return None


def _state_point(news: News) -> Point | None:
    before, after = news.data.get("before"), news.data.get("after")
    text, reason = news.entry.text, news.data.get("reason")
    match after:
        case TicketState.IN_PROGRESS if before == TicketState.OPEN:
            return Point("taken_up", _due(news.ticket))
        case TicketState.IN_PROGRESS if before in {TicketState.RESOLVED, TicketState.CLOSED}:
            return Point("reopened", _due(news.ticket))
        case TicketState.RESOLVED:
            return Point("resolved", {})
        case TicketState.CLOSED if reason == "manager" and text:
            return Point("closed_reason", {"text": text})
        case TicketState.CLOSED:
            return Point("closed", {"phone": current_channels().phone})
    return None


def _transferred(news: News) -> dict[str, Any]:
    staff_id = news.data.get("first_responsible_id")
    staff = news.session.get(Staff, staff_id) if staff_id else None
    department = news.data.get("department") or news.ticket.department
    return {
        "department": department_name(department),
        "responsible": staff.display_name if staff else t("customer.our_staff"),
        **_due(news.ticket),
    }


def _department(ticket: Ticket) -> dict[str, Any]:
    return {"department": department_name(ticket.department)}


def _due(ticket: Ticket) -> dict[str, Any]:
    """Return the deadline as fill-in; without a year, because it is days away."""
    return {"due": due_text(to_local(ticket.due_at))}


def _ask_for_letter(news: News) -> None:
    """A written complaint gets a written reply (R-B9): somebody has to post it."""
    if news.ticket.channel != LETTER or way_to(news.ticket).channel == "email":
        return
    for staff in responsible(news.session, news.ticket):
        news.has_notices |= notify(
            news.session,
            staff.id,
            key="outbox.notice_letter",
            dedupe_key=news.key(f"letter:{staff.id}"),
            ticket_id=news.ticket.id,
            values={"number": news.ticket.number},
            now=news.now,
        )
