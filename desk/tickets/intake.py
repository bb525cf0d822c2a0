"""What a new ticket must be like: everything is checked before anything is written."""

import re
from dataclasses import fields, replace
from datetime import datetime, timedelta
from typing import Any

from desk.errors import InvalidInput
from desk.tickets.domain import (
    CATEGORIES,
    CHANNELS,
    DEPARTMENTS,
    REPLY_CHANNELS,
    SEVERITIES,
    NewTicket,
    read_phone,
)
from desk.tickets.models import TicketKind

OLDEST_RECEIPT = timedelta(days=366)
CLOCK_SKEW = timedelta(minutes=5)
"""A sender's clock may be this much ahead of ours."""
LONGEST = {
    "description": 8000,
    "wish": 8000,
    "occurred": 128,
    "estate": 64,
    "building": 32,
    "unit": 32,
    "room": 32,
    "spot": 64,
    "order_no": 32,
    "customer_name": 64,
    "phone": 32,
    "email": 254,
}
_EMAIL = re.compile(r"[^@\s,;<>\"]+@[^@\s,;<>\"]+\.[^@\s,;<>\"]+")
_KNOWN = {
    "department": DEPARTMENTS,
    "category": CATEGORIES,
    "severity": SEVERITIES,
    "channel": CHANNELS,
    "reply_channel": REPLY_CHANNELS,
}


def checked(new: NewTicket, now: datetime) -> NewTicket:
    """Return the matter with blank fields as None and a phone as digits, ready to be stored.

    Raises:
        InvalidInput: an unknown kind, department, category, severity or channel; no description;
            a field too long; an e-mail address that is none, or missing where the answer is to go
            there; a time of receipt in the future or more than a year ago. `field` names it.
    """
    if new.kind not in set(TicketKind):
        raise InvalidInput("errors.unknown_ticket_kind", field="kind")
    values: dict[str, Any] = {f.name: _tidy(getattr(new, f.name)) for f in fields(new)}
    new = replace(new, **values)
    if new.phone:
        new = replace(new, phone=read_phone(new.phone) or new.phone)
    if not new.description:
        raise InvalidInput("errors.empty_description", field="description")
    for name in _KNOWN:
        check_known(name, getattr(new, name))
    for name, limit in LONGEST.items():
        if len(getattr(new, name) or "") > limit:
            raise InvalidInput("errors.field_too_long", field=name, limit=limit)
    _check_email(new)
    if new.received_at is not None:
        check_past(new.received_at, now, field="received_at")
    return new


def check_known(name: str, value: str | None) -> None:
    """Pass if a code is one of its list, or None.

    Raises:
        InvalidInput: it is not; the message says what may be given.
    """
    if value is not None and value not in _KNOWN[name]:
        key = f"errors.{name}_unknown"
        raise InvalidInput(key, field=name, value=value[:32], known="、".join(_KNOWN[name]))


def check_past(instant: datetime, now: datetime, *, field: str) -> None:
    """Pass if something may have happened at this instant.

    Raises:
        InvalidInput: without a time zone, in the future, or more than a year ago.
    """
    if instant.tzinfo is None:
        raise InvalidInput("errors.time_without_zone", field=field)
    if instant > now + CLOCK_SKEW:
        raise InvalidInput("errors.time_in_future", field=field)
    if instant < now - OLDEST_RECEIPT:
        raise InvalidInput("errors.time_too_old", field=field, days=OLDEST_RECEIPT.days)


def _check_email(new: NewTicket) -> None:
    if new.email and not _EMAIL.fullmatch(new.email):
        raise InvalidInput("errors.email_invalid", field="email")
    if new.reply_channel == "email" and not (new.email and new.has_consent):
        raise InvalidInput("errors.email_missing", field="email")


def _tidy(value: Any) -> Any:
    # PostgreSQL cannot store NUL.
    if isinstance(value, str):
        return value.replace("\x00", "").strip() or None
    return value
