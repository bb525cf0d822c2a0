"""How things stand in the database at the moment of a scrape, as Prometheus gauges."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from desk.conversations import repository
from desk.conversations.models import Conversation, Message, Mode
from desk.escalation.models import Commitment, Escalation
from desk.outbox.models import OutboxMessage, OutboxState
from desk.reviews.models import Decision, FlaggedReply
from desk.tickets.models import Ticket

OPEN_STATES = ("open", "in_progress", "waiting_customer", "resolved")
UNSENT = (OutboxState.PENDING, OutboxState.SENDING, OutboxState.UNCERTAIN, OutboxState.FAILED)


class Standing(Collector):
    """Gauges read beforehand: a scrape must not wait for the database while it writes."""

    def __init__(self, gauges: Iterable[GaugeMetricFamily]) -> None:
        self._gauges = list(gauges)

    def collect(self) -> Iterable[GaugeMetricFamily]:
        """Return the gauges."""
        return self._gauges


def read_standing(session: Session, now: datetime) -> Standing:
    """Read all gauges in one transaction; each query is answered by an index."""
    return Standing(
        (
            *_conversations(session, now),
            *_tickets(session, now),
            *_outbox(session, now),
            _one(
                "kefu_flags_to_review",
                "Flagged replies that QA has not judged.",
                _count(session, FlaggedReply.id, FlaggedReply.decision == Decision.OPEN),
            ),
        )
    )


def _conversations(session: Session, now: datetime) -> Iterator[GaugeMetricFamily]:
    held = (Mode.QUEUED, Mode.AGENT)
    query = select(Conversation.mode, func.count()).where(Conversation.mode.in_(held))
    yield _by(
        "kefu_conversations",
        "Conversations that wait for people or are with them.",
        "mode",
        held,
        session.execute(query.group_by(Conversation.mode)).tuples().all(),
    )
    first = select(func.min(Conversation.queued_at)).where(Conversation.mode == Mode.QUEUED)
    yield _age("kefu_queue_oldest_seconds", "The longest wait for an agent.", session, first, now)
    yield _one(
        "kefu_messages_unanswered",
        "Customers' messages that the bot still owes an answer.",
        _count(session, Message.id, repository.is_unhandled()),
    )


def _tickets(session: Session, now: datetime) -> Iterator[GaugeMetricFamily]:
    query = select(Ticket.state, func.count()).where(Ticket.state.in_(OPEN_STATES))
    yield _by(
        "kefu_tickets",
        "Tickets that are not closed.",
        "state",
        OPEN_STATES,
        session.execute(query.group_by(Ticket.state)).tuples().all(),
    )
    late = (Ticket.state.in_(("open", "in_progress")), Ticket.due_at < now)
    yield _one(
        "kefu_tickets_overdue", "Tickets past their deadline.", _count(session, Ticket.id, *late)
    )
    yield _one(
        "kefu_escalations_waiting",
        "Escalations that somebody was told of and nobody has acknowledged.",
        _count(
            session,
            Escalation.id,
            Escalation.acknowledged_at.is_(None),
            Escalation.acknowledge_by.is_not(None),
        ),
    )
    broken = (Commitment.state == "open", Commitment.due_at < now)
    yield _one(
        "kefu_promises_overdue",
        "Promises to customers past their time.",
        _count(session, Commitment.id, *broken),
    )


def _outbox(session: Session, now: datetime) -> Iterator[GaugeMetricFamily]:
    query = select(OutboxMessage.state, func.count()).where(OutboxMessage.state.in_(UNSENT))
    yield _by(
        "kefu_outbox_messages",
        "Messages to the outside that have not gone out.",
        "state",
        UNSENT,
        session.execute(query.group_by(OutboxMessage.state)).tuples().all(),
    )
    first = select(func.min(OutboxMessage.next_try_at)).where(
        OutboxMessage.state == OutboxState.PENDING, OutboxMessage.next_try_at <= now
    )
    yield _age("kefu_outbox_delay_seconds", "How late the next message is.", session, first, now)


def _count(session: Session, column: Any, *conditions: Any) -> int:
    return int(session.scalar(select(func.count(column)).where(*conditions)) or 0)


def _one(name: str, meaning: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, meaning, value=value)


def _age(
    name: str, meaning: str, session: Session, first: Select[Any], now: datetime
) -> GaugeMetricFamily:
    moment = session.scalar(first)
    return _one(name, meaning, max(0.0, (now - moment).total_seconds()) if moment else 0.0)


def _by(
    name: str,
    meaning: str,
    label: str,
    values: Iterable[str],
    found: Iterable[tuple[str, int]],
) -> GaugeMetricFamily:
    """Return a gauge with a line for every value, also for those that do not occur."""
    gauge = GaugeMetricFamily(name, meaning, labels=(label,))
    counts = dict(found)
    for value in values:
        gauge.add_metric((str(value),), counts.get(str(value), 0))
    return gauge
