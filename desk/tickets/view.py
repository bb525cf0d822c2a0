"""Tickets as people and other systems see them."""

from datetime import datetime
from typing import Any

from desk.clock import to_local
from desk.locale import t
from desk.tickets.domain import mask_name, mask_phone
from desk.tickets.models import Ticket


def ticket_json(ticket: Ticket, *, is_revealed: bool = False) -> dict[str, Any]:
    """Return a ticket for the REST API and the console; name, phone and room masked unless
    `is_revealed` (the caller records the reveal). Instants are ISO 8601 in UTC."""
    return {
        "number": ticket.number,
        "kind": ticket.kind,
        "state": ticket.state,
        "category": ticket.category,
        "department": ticket.department,
        "severity": ticket.severity,
        "severity_reasons": ticket.severity_reasons,
        "channel": ticket.channel,
        "conversation_id": ticket.conversation_id,
        "customer_name": ticket.customer_name if is_revealed else mask_name(ticket.customer_name),
        "phone": ticket.phone if is_revealed else mask_phone(ticket.phone),
        "has_consent": ticket.has_consent,
        "reply_channel": ticket.reply_channel,
        "estate": ticket.estate,
        "building": ticket.building,
        "unit": ticket.unit,
        "room": ticket.room if is_revealed else (ticket.room and "***"),
        "order_no": ticket.order_no,
        "occurred": ticket.occurred,
        "description": ticket.description,
        "wish": ticket.wish,
        "created_at": ticket.created_at.isoformat(),
        "due_at": ticket.due_at.isoformat(),
        "due_trace": ticket.due_trace,
        "closed_at": ticket.closed_at.isoformat() if ticket.closed_at else None,
    }


def kind_name(kind: str) -> str:
    """Return a ticket kind in Chinese."""
    return t(f"ticket.kind_{kind}")


def state_name(state: str) -> str:
    """Return a ticket state in Chinese."""
    return t(f"ticket.state_{state}")


def department_name(department: str) -> str:
    """Return a department in Chinese."""
    return t(f"ticket.department_{department}")


def category_name(category: str | None) -> str:
    """Return a complaint category in Chinese; 未分类 for None."""
    return t(f"ticket.category_{category}") if category else t("ticket.category_none")


def severity_name(severity: str) -> str:
    """Return a severity in Chinese."""
    return t(f"ticket.severity_{severity}")


def due_text(instant: datetime) -> str:
    """Return a deadline as one says it, e.g. `11月23日（周一）18:00`."""
    local = to_local(instant)
    weekday = "一二三四五六日"[local.weekday()]
    return t(
        "ticket.due",
        month=local.month,
        day=local.day,
        weekday=weekday,
        time=f"{local:%H:%M}",
    )


def progress_text(ticket: Ticket) -> str:
    """Return what a customer is told who asks how the matter stands; holds no personal data."""
    return t(
        f"ticket.progress_{ticket.state}",
        number=ticket.number,
        kind=kind_name(ticket.kind),
        department=department_name(ticket.department),
        due=due_text(ticket.due_at),
    )
