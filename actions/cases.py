"""From a form's slots to a ticket, and what the customer is told of it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy.orm import Session

from actions.base import conversation_in, source_key
from actions.forms.case_readers import place_of
from actions.forms.view import SKIPPED
from actions.labels import CHANNEL_LABELS
from actions.parsing.channels import CHANNELS
from actions.parsing.matters import without_personal_data
from actions.turn import Turn, plain_text
from desk.tickets.domain import NewTicket
from desk.tickets.models import Ticket
from desk.tickets.view import department_name, due_text
from scripts_library.reading.places import Place, merge, read_place

NOT_GIVEN = "未提供"


def said(values: Mapping[str, Any], slot: str) -> str | None:
    """Return a slot's text; None if it was skipped or never said."""
    value = values.get(slot)
    return None if value in (None, SKIPPED) else str(value)


def reply_channel(values: Mapping[str, Any]) -> str:
    """Return how a case is answered: as wished if the address for it is known, else as it can be.

    Who gave a phone and wished nothing is called; without consent only the conversation is left.
    """
    if not values.get("case_consent"):
        return "chat"
    needed = {"phone": "case_phone", "sms": "case_phone", "email": "case_email"}
    wished = values.get("case_reply")
    if wished not in CHANNELS:
        wished = "phone" if said(values, "case_phone") else "chat"
    return str(wished) if wished == "chat" or said(values, needed[wished]) else "chat"


def matters(values: Mapping[str, Any]) -> list[str]:
    """Return what is to be taken down, each matter that becomes a ticket of its own."""
    if values.get("case_parts") and values.get("case_split") != "together":
        return [str(part) for part in values["case_parts"]]
    return [said(values, "case_matter") or ""]


def new_ticket(
    session: Session,
    turn: Turn,
    kind: str,
    *,
    matter: str | None = None,
    key: str | None = None,
    severity: str | None = None,
) -> NewTicket:
    """Return the ticket that a filled complaint or repair form makes.

    Without consent name, phone and room stay out, and the description holds no phone or name in
    any case: that column is not encrypted.

    Args:
        session: the turn's transaction.
        turn: the turn that confirmed the form.
        kind: kind of the ticket.
        matter: one of several matters; the whole one if left out.
        key: tells several tickets of one turn apart.
        severity: None lets triage decide.
    """
    values = turn.slots
    place = _place_of_matter(values, matter)
    wish = said(values, "case_wish")
    return NewTicket(
        kind=kind,
        description=without_personal_data(matter or said(values, "case_matter") or ""),
        conversation_id=conversation_in(session, turn),
        source_key=source_key(turn, key or kind),
        intent=turn.intent,
        severity=severity,
        has_consent=bool(values.get("case_consent")),
        customer_name=said(values, "case_name"),
        phone=said(values, "case_phone"),
        email=said(values, "case_email"),
        reply_channel=reply_channel(values),
        estate=place.estate,
        building=place.building,
        unit=place.unit,
        room=place.room,
        spot=place.spot,
        occurred=(said(values, "case_time") or "")[:128] or None,
        wish=without_personal_data(wish) if wish else None,
    )


def _place_of_matter(values: Mapping[str, Any], matter: str | None) -> Place:
    """Return the form's place, or that of a matter which names another building or spot."""
    place = place_of(values)
    own = read_place(plain_text(matter)) if matter else Place()
    if own.building and own.building != place.building:
        return replace(own, estate=place.estate)
    return merge(place, Place(spot=own.spot))


def opened_values(ticket: Ticket) -> dict[str, str]:
    """Return number, department and time of a ticket for a response."""
    return {
        "number": ticket.number,
        "department": department_name(ticket.department),
        "due": due_text(ticket.due_at),
    }


@dataclass(frozen=True, slots=True)
class SummaryField:
    """One part of what is to be confirmed; `slot` is what changing it asks for again, or None."""

    slot: str | None
    label: str
    value: str


def summary(values: Mapping[str, Any], *, is_repair: bool) -> str:
    """Return what is to be confirmed, one line a part (R-B1: 复)."""
    fields = summary_fields(values, is_repair=is_repair)
    return "\n".join(f"{field.label}：{field.value}" for field in fields)


def summary_fields(values: Mapping[str, Any], *, is_repair: bool) -> list[SummaryField]:
    """Return what is to be confirmed part by part."""

    def field(slot: str, label: str) -> SummaryField:
        return SummaryField(slot, label, said(values, slot) or NOT_GIVEN)

    place = place_of(values).text or NOT_GIVEN
    fields = [
        _matter_field(values, "报修内容" if is_repair else "反映的事"),
        SummaryField("case_place", "位置", place),
        field("case_time", "希望上门" if is_repair else "时间"),
    ]
    if not is_repair:
        fields.append(field("case_wish", "您的要求"))
    if not values.get("case_consent"):
        return [*fields, SummaryField(None, "称呼和电话", "匿名办理，不登记")]
    fields += [field("case_name", "称呼"), field("case_phone", "电话")]
    if not is_repair:
        fields.append(SummaryField("case_reply", "答复方式", _reply_text(values)))
    return fields


def _matter_field(values: Mapping[str, Any], heading: str) -> SummaryField:
    told = [matter or NOT_GIVEN for matter in matters(values)]
    if not values.get("case_consent"):
        told = [without_personal_data(matter) for matter in told]
    if len(told) == 1:
        return SummaryField("case_matter", heading, told[0])
    numbered = "".join(f"\n{i}. {matter}" for i, matter in enumerate(told, start=1))
    return SummaryField("case_matter", f"{heading}（{len(told)}件，分开登记）", numbered)


def _reply_text(values: Mapping[str, Any]) -> str:
    channel = reply_channel(values)
    address = f"（{said(values, 'case_email')}）" if channel == "email" else ""
    return CHANNEL_LABELS[channel] + address
