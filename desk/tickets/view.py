"""Tickets as people and other systems see them."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from string import Formatter
from typing import Any

from desk.clock import to_local
from desk.locale import MissingText, t, texts
from desk.tickets.domain import CHANNELS, mask_email, mask_name, mask_phone
from desk.tickets.models import Ticket, TicketEntry
from desk.tickets.timeline import EntryKind

SPECIAL_ACTORS = ("bot", "customer", "system")


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
        "spot": ticket.spot,
        "email": ticket.email if is_revealed else mask_email(ticket.email),
        "order_no": ticket.order_no,
        "occurred": ticket.occurred,
        "description": ticket.description,
        "wish": ticket.wish,
        "cause": ticket.cause,
        "recipient_id": ticket.recipient_id,
        "group_id": ticket.group_id,
        "level": ticket.level,
        "urged": ticket.urged,
        "pressed": ticket.pressed,
        "reopened": ticket.reopened,
        "validity": ticket.validity,
        "score": ticket.score,
        "is_merged": ticket.merged_into_id is not None,
        "due_trace": ticket.due_trace,
        **{name: _instant_json(getattr(ticket, name)) for name in INSTANTS},
    }


INSTANTS = (
    "created_at",
    "warn_at",
    "due_at",
    "paused_since",
    "first_response_at",
    "resolved_at",
    "closed_at",
)


def entry_json(entry: TicketEntry, names: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Return a line of a timeline for the REST API; `title` is what it says in Chinese."""
    return {
        "kind": entry.kind,
        "title": entry_text(entry, names),
        "actor": entry.actor,
        "actor_name": actor_name(entry.actor, names),
        "at": entry.at.isoformat(),
        "text": entry.text,
        "data": entry.data,
    }


def entry_text(entry: TicketEntry, names: Mapping[str, str] | None = None) -> str:
    """Return what happened in one line of Chinese; `entry.text`, where there is one, says more.

    `names` are display names by login; without it the login is shown.
    """
    values = {name: _shown(name, value, names or {}) for name, value in entry.data.items()}
    if entry.kind == EntryKind.CUSTOMER_TOLD and "channel" in entry.data:
        values["channel"] = _named("reply_channel", entry.data["channel"])
    for wording in texts("ticket_entries")[_wordings_of(entry)]:
        wanted = {name for _, name, _, _ in Formatter().parse(wording) if name}
        if all(values.get(name) for name in wanted):
            return str(wording).format(**values)
    raise AssertionError(f"the last wording of {entry.kind} needs no values")


def actor_name(actor: str, names: Mapping[str, str] | None = None) -> str:
    """Return who did something: a display name, or 智能客服, 客户, 系统."""
    if actor in SPECIAL_ACTORS:
        return t(f"ticket.actor_{actor}")
    return (names or {}).get(actor, actor)


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


def channel_name(channel: str) -> str:
    """Return the way a matter came in, or a customer was told, in Chinese."""
    return t(f"ticket.channel_{channel}") if channel in CHANNELS else reply_channel_name(channel)


def reply_channel_name(channel: str) -> str:
    """Return the way a customer wants the answer in Chinese."""
    return t(f"ticket.reply_channel_{channel}")


def validity_name(validity: str | None) -> str:
    """Return a validity in Chinese; empty while undecided."""
    return t(f"ticket.validity_{validity}") if validity else ""


def level_name(level: int) -> str:
    """Return a level of responsibility in Chinese."""
    return t(f"ticket.level_{level}")


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
    if ticket.merged_into_id is not None:
        return t("ticket.progress_merged", number=ticket.number, kind=kind_name(ticket.kind))
    return t(
        f"ticket.progress_{ticket.state}",
        number=ticket.number,
        kind=kind_name(ticket.kind),
        department=department_name(ticket.department),
        due=due_text(ticket.due_at),
    )


def _wordings_of(entry: TicketEntry) -> str:
    """Return the name of an entry's wordings. Where the desk cannot tell the customer itself, the
    entry is a task for the colleague responsible."""
    channel = entry.data.get("channel")
    is_task = entry.data.get("is_automatic") and channel in {"phone", "none"}
    return (
        f"{entry.kind}_{channel}"
        if entry.kind == EntryKind.CUSTOMER_TOLD and is_task
        else entry.kind
    )


def _instant_json(instant: datetime | None) -> str | None:
    return instant.isoformat() if instant else None


def _shown(name: str, value: Any, names: Mapping[str, str]) -> str:
    """Return a value of an entry's data in words."""
    if name in _NAMES and value is not None:
        return _named(name, value)
    if name == "recipient":
        return names.get(str(value), str(value))
    if name == "changes":
        return "；".join(_change(field, *pair) for field, pair in dict(value).items())
    return "" if value is None else str(value)


def _change(field: str, before: Any, after: Any) -> str:
    words = [
        _named(field, value) if value is not None else t("ticket.no_value")
        for value in (before, after)
    ]
    return t("ticket.change", field=t(f"ticket.field_{field}"), before=words[0], after=words[1])


def _named(name: str, value: Any) -> str:
    """Return the name of a code; the code itself where it has none."""
    try:
        return str(_NAMES.get(name, str)(value))
    except MissingText:
        return str(value)


def _instant_text(value: str) -> str:
    return due_text(datetime.fromisoformat(value))


def _joined(names: Iterable[str]) -> str:
    return "、".join(dict.fromkeys(names))


_NAMES: Mapping[str, Any] = {
    "before": state_name,
    "after": state_name,
    "kind": kind_name,
    "category": category_name,
    "department": department_name,
    "severity": severity_name,
    "validity": validity_name,
    "channel": channel_name,
    "reply_channel": reply_channel_name,
    "level": level_name,
    "why": lambda cause: texts("escalation").get(f"cause_{cause}", ""),
    "told": lambda level: texts("escalation").get(f"told_{level}", ""),
    "passed_over": lambda steps: _joined(level_name(step["level"]) for step in steps),
    "reason": lambda reason: texts("ticket").get(f"pause_{reason}", ""),
    "required_by": _instant_text,
    "due_at": _instant_text,
}
