"""Transfers as people and other systems see them."""

from datetime import datetime
from typing import Any

from desk.clock import to_local
from desk.locale import t
from desk.transfers.domain import is_overdue
from desk.transfers.models import Transfer


def transfer_json(transfer: Transfer, now: datetime) -> dict[str, Any]:
    """Return a transfer for the REST API. Instants are ISO 8601 in UTC."""
    return {
        "id": transfer.id,
        "ticket": transfer.ticket.number,
        "department": transfer.department,
        "matter": transfer.matter,
        "state": transfer.state,
        "required_by": transfer.required_by.isoformat(),
        "is_overdue": is_overdue(transfer.state, transfer.required_by, now),
        "first_responsible": transfer.first_responsible.display_name,
        "handler": transfer.handler.display_name if transfer.handler else None,
        "question": transfer.question,
        "result": transfer.result,
        "pressed": transfer.pressed,
        "created_at": transfer.created_at.isoformat(),
        "accepted_at": _iso(transfer.accepted_at),
        "proposed_at": _iso(transfer.proposed_at),
        "done_at": _iso(transfer.done_at),
    }


def transfer_state_name(state: str) -> str:
    """Return a transfer's state in Chinese."""
    return t(f"transfer.state_{state}")


def full_moment(instant: datetime) -> str:
    """Return a time with its date in full, e.g. `2026年11月23日 18:00`."""
    local = to_local(instant)
    return f"{local.year}年{local.month}月{local.day}日 {local:%H:%M}"


def _iso(instant: datetime | None) -> str | None:
    return instant.isoformat() if instant else None
