"""Makes tickets, and all that happens to them, straight into the tables."""

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from sqlalchemy import insert

from desk.conversations.models import Conversation, Message
from desk.database import Database
from desk.escalation.models import Escalation
from desk.feedback.models import Survey
from desk.tickets.domain import CATEGORIES, CHANNELS, DEPARTMENTS
from desk.tickets.models import Ticket, TicketEntry, TicketKind
from desk.tickets.numbers import make_number

CAUSES = ("防水层老化", "施工不规范", "配件缺货", "人手不足", "沟通不及时", None, None)
INTENTS = ("ask_price", "ask_viewing", "request_repair", "file_complaint", "out_of_scope", "greet")
SENDERS = ("customer", "customer", "bot", "bot", "agent", "system")
TEXT = "卫生间顶部渗水，报修三次还没有解决，请尽快安排师傅上门处理并给我一个明确的答复。"
BATCH = 5_000


def make_year(
    database: Database,
    count: int,
    *,
    begins_at: datetime,
    days: float = 365,
    seed: int = 7,
    talks: int | None = None,
    first_id: int = 1,
) -> None:
    """Fill an empty database with `count` tickets opened over `days`, and their surveys,
    escalations, entries; and `talks` conversations of four messages (None: one in four tickets).
    """
    chance = random.Random(seed)
    tickets = [_ticket(chance, first_id + one, begins_at, days) for one in range(count)]
    _store(database, Ticket, iter(tickets))
    _store(database, TicketEntry, _entries(chance, tickets))
    _store(database, Survey, _surveys(chance, tickets))
    _store(database, Escalation, _escalations(chance, tickets))
    _talks(database, chance, count // 4 if talks is None else talks, begins_at, days)


def ticket_row(number: int, opened: datetime, **values: Any) -> dict[str, Any]:
    """A ticket's columns; times that are given as hours count from its opening."""
    row = {
        "id": number, "number": make_number(opened.date(), number),
        "kind": "complaint", "state": "open",
        "category": "parking", "department": "engineering", "severity": "general",
        "severity_reasons": [], "channel": "web", "has_consent": False, "reply_channel": "chat",
        "description": TEXT, "created_at": opened, "due_at": opened + timedelta(hours=24),
        "due_trace": [], "level": 0, "urged": 0, "pressed": 0, "reopened": 0, "cause": None,
        "first_response_at": None, "resolved_at": None, "closed_at": None, "score": None,
        "recipient_id": None,
    }  # fmt: skip
    for name, value in values.items():
        is_hours = name.endswith("_at") and isinstance(value, int | float)
        row[name] = opened + timedelta(hours=value) if is_hours else value
    return row


def _ticket(chance: random.Random, number: int, begins_at: datetime, days: float) -> dict[str, Any]:
    opened = begins_at + timedelta(seconds=int(chance.random() * days * 86400))
    answered = chance.expovariate(1 / 5) if chance.random() < 0.95 else None
    is_done = answered is not None and chance.random() < 0.9
    resolved = answered + chance.expovariate(1 / 20) if is_done and answered is not None else None
    is_closed = resolved is not None and chance.random() < 0.8
    return ticket_row(
        number,
        opened,
        kind=chance.choice(tuple(TicketKind)).value,
        state="closed" if is_closed else "resolved" if is_done else "open",
        category=chance.choice((*CATEGORIES, None)),
        department=chance.choice(DEPARTMENTS),
        severity="major" if chance.random() < 0.1 else "general",
        channel=chance.choice(CHANNELS),
        level=chance.choice((0, 0, 0, 0, 1, 2)),
        reopened=int(chance.random() < 0.06),
        cause=chance.choice(CAUSES),
        first_response_at=answered,
        resolved_at=resolved,
        closed_at=resolved + 12 if is_closed and resolved is not None else None,
        due_trace=["服务标准：住宅物业服务", "收到于工作时间", "当日办结"],
    )


def _entries(chance: random.Random, tickets: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for ticket in tickets:
        kinds = ["opened", "state_changed", "customer_told"]
        kinds += [one for one in ("urged", "pressed", "reopened") if chance.random() < 0.08]
        for hours, kind in enumerate(kinds):
            at = ticket["created_at"] + timedelta(hours=hours)
            yield {"ticket_id": ticket["id"], "kind": kind, "actor": "bot", "at": at, "data": {}}


def _surveys(chance: random.Random, tickets: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for ticket in tickets:
        if not ticket["resolved_at"]:
            continue
        for round_ in range(1, 2 + ticket["reopened"]):
            asked = ticket["resolved_at"] + timedelta(days=round_ - 1)
            is_given = chance.random() < 0.6
            yield {
                "ticket_id": ticket["id"],
                "round": round_,
                "channel": "chat",
                "asked_at": asked,
                "expires_at": asked + timedelta(days=7),
                "score": chance.choice((1, 2, 3, 4, 5, 5)) if is_given else None,
                "answered_at": asked + timedelta(hours=5) if is_given else None,
            }


def _escalations(chance: random.Random, tickets: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for ticket in tickets:
        for level in range(1, ticket["level"] + 1):
            told = ticket["created_at"] + timedelta(hours=24 * level)
            yield {
                "ticket_id": ticket["id"],
                "cause": f"breach:{level}",
                "level": level,
                "duty": False,
                "created_at": told,
                "acknowledge_by": told + timedelta(hours=4),
                "acknowledged_at": told + timedelta(hours=chance.choice((1, 2, 6)))
                if chance.random() < 0.8
                else None,
            }


def _talks(
    database: Database, chance: random.Random, count: int, begins_at: datetime, days: float
) -> None:
    talks: list[dict[str, Any]] = []
    for number in range(count):
        talks.append(
            {
                "id": f"{number:032x}",
                "mode": "closed",
                "queue_reason": chance.choice(("requested", "misunderstanding", None, None, None)),
                "is_urgent": False,
                "version": 1,
                "last_seq": 4,
                "is_traditional": False,
                "source": "web",
                "created_at": begins_at + timedelta(seconds=int(chance.random() * days * 86400)),
            }
        )
    _store(database, Conversation, iter(talks))
    _store(database, Message, _messages(chance, talks))


def _messages(chance: random.Random, talks: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for talk in talks:
        for seq in range(1, 5):
            sender = chance.choice(SENDERS)
            yield {
                "conversation_id": talk["id"],
                "seq": seq,
                "sender": sender,
                "text": "请问这套房子多少钱",
                "buttons": [],
                "intent": chance.choice(INTENTS) if sender == "customer" else None,
                "created_at": talk["created_at"] + timedelta(minutes=seq),
            }


def _store(database: Database, model: Any, rows: Iterator[dict[str, Any]]) -> None:
    while batch := list(islice(rows, BATCH)):
        with database.transaction() as session:
            session.execute(insert(model), batch)
