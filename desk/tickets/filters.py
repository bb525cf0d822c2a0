"""Which tickets are wanted: the filter of the list page, the API, saved views and report links."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement

from desk.accounts.models import Staff
from desk.clock import LOCAL_ZONE
from desk.encryption import personal_data
from desk.errors import InvalidInput
from desk.tickets.domain import CATEGORIES, CHANNELS, DEPARTMENTS, SEVERITIES
from desk.tickets.models import Ticket, TicketKind, TicketState
from desk.tickets.numbers import parse_number
from desk.tickets.places import building_spellings
from desk.tickets.search import text_matches
from desk.tickets.visibility import visible_to

NO_CATEGORY = "none"
LONGEST_TEXT = 200
UNSETTLED = (TicketState.OPEN, TicketState.IN_PROGRESS, TicketState.WAITING_CUSTOMER)
_CHOICES: Mapping[str, tuple[str, ...]] = {
    "state": tuple(TicketState),
    "kind": tuple(TicketKind),
    "category": (*CATEGORIES, NO_CATEGORY),
    "department": DEPARTMENTS,
    "channel": CHANNELS,
    "severity": SEVERITIES,
    "validity": ("valid", "invalid"),
}
_RANGES = {
    "level_min": (0, 2),
    "level_max": (0, 2),
    "reopened_min": (0, 1000),
    "score_max": (1, 5),
    "group_id": (1, 2**31 - 1),
    "recipient_id": (1, 2**31 - 1),
}
_SPANS = {
    "opened": Ticket.created_at,
    "answered": Ticket.first_response_at,
    "resolved": Ticket.resolved_at,
    "closed": Ticket.closed_at,
}
_LATENESS = {"answered_late": Ticket.first_response_at, "resolved_late": Ticket.resolved_at}
_INSTANTS = (*(f"{name}_{end}" for name in _SPANS for end in ("from", "to")), "open_at")


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketFilter:
    """All that is set must hold; of several values of one field, one.

    Attributes:
        text: as typed into the search box; see `desk.tickets.search.text_matches`.
        category: categories; `none` for tickets without one.
        level_min, level_max, reopened_min: at least (at most) so high, so often.
        score_max: the customer's last answer is at most this.
        is_overdue: the deadline is over and there is no result yet.
        is_paused: the clock stands.
        opened_from, opened_to: instants, half-open: `opened_from <= created_at < opened_to`;
            likewise `answered_` (taken up by a person), `resolved_` and `closed_`.
        open_at: opened before this instant, and then still without a result.
        phone: whole number, never in `to_dict`.
        number: a ticket number, written any way.
        resolved_late, answered_late: the result, or the first response, came after (True) or by
            (False) the deadline.
    """

    text: str = ""
    state: tuple[str, ...] = ()
    kind: tuple[str, ...] = ()
    category: tuple[str, ...] = ()
    severity: str | None = None
    department: tuple[str, ...] = ()
    channel: tuple[str, ...] = ()
    estate: str | None = None
    building: str | None = None
    level_min: int | None = None
    is_overdue: bool | None = None
    is_paused: bool | None = None
    opened_from: datetime | None = None
    opened_to: datetime | None = None
    cause: str | None = None
    group_id: int | None = None
    recipient_id: int | None = None
    phone: str | None = None
    number: str | None = None
    reopened_min: int | None = None
    validity: str | None = None
    score_max: int | None = None
    resolved_late: bool | None = None
    level_max: int | None = None
    answered_from: datetime | None = None
    answered_to: datetime | None = None
    answered_late: bool | None = None
    resolved_from: datetime | None = None
    resolved_to: datetime | None = None
    closed_from: datetime | None = None
    closed_to: datetime | None = None
    open_at: datetime | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return what is set, as JSON or query parameters; without the phone, which must not be in
        addresses and saved views."""
        values = {
            field.name: getattr(self, field.name)
            for field in fields(self)
            if field.name != "phone" and getattr(self, field.name) not in (None, "", ())
        }
        return {name: _plain(value) for name, value in values.items()}

    @classmethod
    def from_dict(cls, raw: Mapping[str, Any]) -> "TicketFilter":
        """Return the filter of `to_dict`, of query parameters or of a JSON body.

        Several values may be a list or one text with commas. Unknown names are left out.

        Raises:
            InvalidInput: a value that the field cannot have; `field` names it.
        """
        values = {}
        for field in fields(cls):
            value = raw.get(field.name)
            if value not in (None, "", (), []):
                values[field.name] = _read(field.name, value)
        return cls(**values)


def conditions(wanted: TicketFilter, staff: Staff, now: datetime) -> list[ColumnElement[bool]]:
    """Return what must hold of `Ticket` for this filter and for what the person may see."""
    found: list[ColumnElement[bool]] = [visible_to(staff)]
    found += _chosen(wanted)
    found += _compared(wanted, now)
    if wanted.text.strip():
        found.append(text_matches(wanted.text))
    if wanted.phone:
        found.append(Ticket.phone_index == personal_data().index(wanted.phone))
    if wanted.number:
        found.append(Ticket.number == (parse_number(wanted.number) or wanted.number))
    return found


def _chosen(wanted: TicketFilter) -> list[ColumnElement[bool]]:
    found = [
        getattr(Ticket, name).in_(getattr(wanted, name))
        for name in ("state", "kind", "department", "channel")
        if getattr(wanted, name)
    ]
    if wanted.category:
        known = [name for name in wanted.category if name != NO_CATEGORY]
        condition = Ticket.category.in_(known)
        is_open = NO_CATEGORY in wanted.category
        found.append(condition | Ticket.category.is_(None) if is_open else condition)
    found += [
        getattr(Ticket, name) == getattr(wanted, name)
        for name in (
            "severity", "estate", "cause", "group_id", "recipient_id", "validity",
        )
        if getattr(wanted, name) is not None
    ]  # fmt: skip
    if wanted.building is not None:
        found.append(Ticket.building.in_(building_spellings(wanted.building)))
    return found


def _compared(wanted: TicketFilter, now: datetime) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.level_min is not None:
        found.append(Ticket.level >= wanted.level_min)
    if wanted.reopened_min is not None:
        found.append(Ticket.reopened >= wanted.reopened_min)
    if wanted.score_max is not None:
        found.append(Ticket.score <= wanted.score_max)
    if wanted.level_max is not None:
        found.append(Ticket.level <= wanted.level_max)
    for name, column in _SPANS.items():
        if (begin := getattr(wanted, f"{name}_from")) is not None:
            found.append(column >= begin)
        if (end := getattr(wanted, f"{name}_to")) is not None:
            found.append(column < end)
    if wanted.open_at is not None:
        is_without = Ticket.resolved_at.is_(None) | (Ticket.resolved_at >= wanted.open_at)
        found.append((Ticket.created_at < wanted.open_at) & is_without)
    if wanted.is_overdue is not None:
        late = Ticket.state.in_(UNSETTLED) & Ticket.paused_since.is_(None) & (Ticket.due_at < now)
        found.append(late if wanted.is_overdue else ~late)
    if wanted.is_paused is not None:
        is_paused = Ticket.paused_since.is_not(None)
        found.append(is_paused if wanted.is_paused else ~is_paused)
    for name, column in _LATENESS.items():
        if (is_late := getattr(wanted, name)) is not None:
            found.append(column > Ticket.due_at if is_late else column <= Ticket.due_at)
    return found


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return list(value)
    return value.isoformat() if isinstance(value, datetime) else value


def _read(name: str, value: Any) -> Any:
    try:
        return _READERS.get(name, _text)(name, value)
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError) as error:
        raise InvalidInput("errors.filter_invalid", field=name) from error


def _text(name: str, value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value.replace("\x00", "")[:LONGEST_TEXT]


def _listed(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value)


def _codes(name: str, value: Any) -> tuple[str, ...]:
    given = [one for part in _listed(value) for one in part.split(",")]
    codes = tuple(dict.fromkeys(one for one in given if one))
    if not set(codes) <= set(_CHOICES[name]):
        raise ValueError
    return codes


def _code(name: str, value: Any) -> str:
    (code,) = _codes(name, value)
    return code


def _whole(name: str, value: Any) -> int:
    number, (least, most) = int(value), _RANGES[name]
    if not least <= number <= most:
        raise ValueError
    return number


def _flag(_name: str, value: Any) -> bool:
    return {"true": True, "1": True, "false": False, "0": False}[str(value).lower()]


def _instant(name: str, value: Any) -> datetime:
    """Read an instant, or a day of the company's clock; a last day is meant whole."""
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=LOCAL_ZONE)
    if len(value) == len("2026-11-22"):
        day = date.fromisoformat(value) + timedelta(days=name.endswith("_to"))
        return datetime.combine(day, time(), LOCAL_ZONE)
    # A plus sign in an address arrives as a space.
    instant = datetime.fromisoformat(value.replace(" ", "+"))
    return instant if instant.tzinfo else instant.replace(tzinfo=LOCAL_ZONE)


_READERS = {
    **dict.fromkeys(("state", "kind", "category", "department", "channel"), _codes),
    **dict.fromkeys(("severity", "validity"), _code),
    **dict.fromkeys(_RANGES, _whole),
    **dict.fromkeys(("is_overdue", "is_paused", *_LATENESS), _flag),
    **dict.fromkeys(_INSTANTS, _instant),
}
