"""From a form's slots to a ticket, and what the customer is told of it."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from actions.base import conversation_in, source_key
from actions.forms.case_readers import place_of
from actions.forms.view import SKIPPED
from actions.parsing.matters import without_personal_data
from actions.turn import Turn
from desk.tickets.domain import NewTicket
from desk.tickets.models import Ticket
from desk.tickets.view import department_name, due_text

NOT_GIVEN = "未提供"


def said(values: Mapping[str, Any], slot: str) -> str | None:
    """Return a slot's text; None if it was skipped or never said."""
    value = values.get(slot)
    return None if value in (None, SKIPPED) else str(value)


def new_ticket(
    session: Session, turn: Turn, kind: str, *, severity: str | None = None
) -> NewTicket:
    """Return the ticket that a filled complaint or repair form makes.

    Without consent name, phone and room stay out, and the description holds no phone or name in
    any case: that column is not encrypted.
    """
    values = turn.slots
    place = place_of(values)
    occurred = [part for part in (said(values, "case_time"), place.note) if part]
    wish = said(values, "case_wish")
    return NewTicket(
        kind=kind,
        description=without_personal_data(said(values, "case_matter") or ""),
        conversation_id=conversation_in(session, turn),
        source_key=source_key(turn, kind),
        intent=turn.intent,
        severity=severity,
        has_consent=bool(values.get("case_consent")),
        customer_name=said(values, "case_name"),
        phone=said(values, "case_phone"),
        reply_channel="phone"
        if said(values, "case_phone") and values.get("case_consent")
        else "chat",
        estate=place.estate,
        building=place.building,
        unit=place.unit,
        room=place.room,
        occurred="，".join(occurred)[:128] or None,
        wish=without_personal_data(wish) if wish else None,
    )


def opened_values(ticket: Ticket) -> dict[str, str]:
    """Return number, department and time of a ticket for a response."""
    return {
        "number": ticket.number,
        "department": department_name(ticket.department),
        "due": due_text(ticket.due_at),
    }


def summary(values: Mapping[str, Any], *, is_repair: bool) -> str:
    """Return what is to be confirmed, one line a part (R-B1: 复)."""
    has_consent = bool(values.get("case_consent"))
    matter = said(values, "case_matter") or NOT_GIVEN
    if not has_consent:
        matter = without_personal_data(matter)
    lines = [
        f"{'报修内容' if is_repair else '反映的事'}：{matter}",
        f"位置：{place_of(values).text or NOT_GIVEN}",
        f"{'希望上门' if is_repair else '时间'}：{said(values, 'case_time') or NOT_GIVEN}",
    ]
    if not is_repair:
        lines.append(f"您的要求：{said(values, 'case_wish') or NOT_GIVEN}")
    if has_consent:
        lines.append(f"称呼：{said(values, 'case_name') or NOT_GIVEN}")
        lines.append(f"电话：{said(values, 'case_phone') or NOT_GIVEN}")
    else:
        lines.append("称呼和电话：匿名办理，不登记")
    return "\n".join(lines)
