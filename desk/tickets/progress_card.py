"""How a ticket stands, as a card for its customer: no personal data, no names of colleagues."""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from desk.clock import to_local
from desk.locale import t, texts
from desk.tickets.models import SETTLED_STATES, Ticket, TicketEntry
from desk.tickets.timeline import EntryKind
from desk.tickets.view import department_name, due_text, kind_name, state_name

STEPS_SHOWN = 8


def progress_card(session: Session, ticket: Ticket) -> dict[str, Any]:
    """Return a `progress` card (see `desk.conversations.cards`): state, deadline, key points."""
    is_settled = ticket.state in SETTLED_STATES
    return {
        "kind": "progress",
        "title": t("chat_cards.progress_title", kind=kind_name(ticket.kind)),
        "number": ticket.number,
        "state": ticket.state,
        "state_text": state_name(ticket.state),
        "department": department_name(ticket.department),
        "due": None if is_settled else due_text(ticket.due_at),
        "steps": _steps(session, ticket),
    }


def _steps(session: Session, ticket: Ticket) -> list[dict[str, str]]:
    """Return the key points, oldest first; of many the first and the last ones."""
    query = select(TicketEntry).where(TicketEntry.ticket_id == ticket.id).order_by(TicketEntry.id)
    steps: list[dict[str, str]] = []
    for entry in session.scalars(query):
        text = _words(entry)
        if text and (not steps or steps[-1]["text"] != text):
            steps.append({"at": _time(entry.at), "text": text})
    if len(steps) > STEPS_SHOWN:
        return [steps[0], *steps[1 - STEPS_SHOWN :]]
    return steps


def _words(entry: TicketEntry) -> str | None:
    """Return what the customer is told of an entry; None for what stays in the house."""
    key = entry.kind
    if entry.kind == EntryKind.STATE_CHANGED:
        key = f"{entry.kind}_{entry.data.get('after')}"
    found = texts("chat_cards")["steps"].get(key)
    return str(found) if found else None


def _time(instant: datetime) -> str:
    local = to_local(instant)
    return t("chat_cards.step_at", month=local.month, day=local.day, time=f"{local:%H:%M}")
