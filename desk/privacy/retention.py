"""Deletes each class of data after its time. `data/retention.yml` says how long."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from sqlalchemy import ColumnElement, Select, delete, func, or_, select
from sqlalchemy.orm import Session

from desk.accounts.models import LoginTry, StaffSession
from desk.audit.actions import Action
from desk.audit.trail import SYSTEM, record
from desk.clock import utc_now
from desk.conversations.access_models import ReturnLink
from desk.conversations.models import Conversation, Message, Mode
from desk.errors import InvalidInput, NotFound
from desk.locale import t
from desk.outbox.models import Notice, OutboxAttachment, OutboxMessage
from desk.privacy import erasure, withdrawal
from desk.privacy.subject import Subject, find_subject, subject_of_index
from desk.sealing import service as sealing
from desk.sealing.models import SealedCopy
from desk.settings import PROJECT_DIR
from desk.tickets.models import Ticket, TicketState

RULES_FILE = PROJECT_DIR / "data" / "retention.yml"
BOT_MEMORY = "bot_memory"
"""The class that is in the bot's own database: see `bot_memory.forget_idle`."""
BATCH = 200
SETTLED_OUTBOX = ("sent", "failed", "discarded")


@dataclass(frozen=True, slots=True)
class Deleted:
    """How much of a class was, or in a dry run would be, deleted."""

    name: str
    days: int | None
    count: int


@dataclass
class Run:
    """What one run did; `conversations` are those whose record with the bot must go too."""

    deleted: list[Deleted]
    conversations: list[str] = field(default_factory=list)


def read_rules(path: Path = RULES_FILE) -> dict[str, int]:
    """Return days by class.

    Raises:
        InvalidInput: a class is missing or unknown, or its value is no number of days.
    """
    try:
        raw = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
    except (OSError, YAMLError) as error:
        raise InvalidInput("errors.retention_invalid", file=path.name) from error
    is_right = isinstance(raw, dict) and set(raw) == {*_CLASSES, BOT_MEMORY}
    if not is_right or not all(type(days) is int and days > 0 for days in raw.values()):
        raise InvalidInput("errors.retention_invalid", file=path.name)
    return dict(raw)


def overdue(session: Session, rules: dict[str, int], now: datetime) -> list[Deleted]:
    """Return what a run would delete, without deleting it."""
    found = []
    for name, kind in _CLASSES.items():
        days = rules[name]
        matching = kind.matching(now - timedelta(days=days))
        count = session.scalar(select(func.count()).select_from(matching.subquery())) or 0
        found.append(Deleted(name, days, count))
    return found


def apply_rules(session: Session, rules: dict[str, int], now: datetime) -> Run:
    """Delete up to 200 of each class, and complete requests to delete that waited."""
    run = Run([])
    for name, kind in _CLASSES.items():
        days = rules[name]
        rows = session.execute(kind.matching(now - timedelta(days=days)).limit(BATCH)).all()
        keys = [row[0] for row in rows]
        if keys:
            run.conversations += kind.delete(session, keys)
            run.deleted.append(Deleted(name, days, len(keys)))
            record(session, SYSTEM, Action.RETENTION_APPLIED, name, count=len(keys), days=days)
    withdrawal.clear_overdue(session, limit=BATCH)
    run.conversations += _complete_erasures(session, now)
    return run


def _complete_erasures(session: Session, now: datetime) -> list[str]:
    cleared: list[str] = []
    for request in erasure.open_erasures(session):
        try:
            if request.phone_index:
                subject = subject_of_index(session, request.phone_index)
            else:
                subject = find_subject(session, conversation_id=request.conversation_id)
        except NotFound:
            request.state, request.done_at, request.phone_index = "done", now, None
            continue
        if _has_settled(subject):
            outcome = erasure.carry_out(session, request, subject, actor=SYSTEM, now=now)
            cleared += outcome.cleared_conversations
    return cleared


def _has_settled(subject: Subject) -> bool:
    gone = t("privacy.erased")
    return any(
        ticket.state == TicketState.CLOSED and ticket.description != gone
        for ticket in subject.tickets
    ) or all(ticket.state == TicketState.CLOSED for ticket in subject.tickets)


@dataclass(frozen=True, slots=True)
class _Class:
    """`matching` selects keys older than an instant; `delete` returns cleared conversations."""

    matching: Callable[[datetime], Select[Any]]
    delete: Callable[[Session, list[Any]], list[str]]


def _talks(before: datetime) -> Select[Any]:
    last = func.coalesce(Conversation.last_customer_at, Conversation.created_at)
    has_ticket = select(Ticket.id).where(Ticket.conversation_id == Conversation.id).exists()
    is_idle = Conversation.mode.in_((Mode.BOT, Mode.CLOSED))
    query = select(Conversation.id).where(last < before, is_idle, ~has_ticket)
    return query.where(_has_text())


def _has_text() -> ColumnElement[bool]:
    said = Message.conversation_id == Conversation.id
    return select(Message.id).where(said, Message.text != t("privacy.erased")).exists()


def _tickets(before: datetime) -> Select[Any]:
    is_settled = Ticket.state == TicketState.CLOSED
    still = or_(Ticket.description != t("privacy.erased"), Ticket.phone_index.is_not(None))
    return select(Ticket.id).where(is_settled, Ticket.closed_at < before, still)


def _outbox(before: datetime) -> Select[Any]:
    is_over = OutboxMessage.state.in_(SETTLED_OUTBOX)
    return select(OutboxMessage.id).where(is_over, OutboxMessage.created_at < before)


def _notices(before: datetime) -> Select[Any]:
    return select(Notice.id).where(Notice.created_at < before, Notice.read_at.is_not(None))


def _failures(before: datetime) -> Select[Any]:
    is_free = or_(LoginTry.locked_until.is_(None), LoginTry.locked_until < before)
    return select(LoginTry.key).where(LoginTry.last_failed_at < before, is_free)


def _sessions(before: datetime) -> Select[Any]:
    return select(StaffSession.token_hash).where(StaffSession.expires_at < before)


def _sealed(before: datetime) -> Select[Any]:
    return select(SealedCopy.id).where(SealedCopy.sealed_at < before)


def _links(before: datetime) -> Select[Any]:
    return select(ReturnLink.token_hash).where(ReturnLink.expires_at < before)


def _clear_talks(session: Session, ids: list[Any]) -> list[str]:
    for conversation in session.scalars(select(Conversation).where(Conversation.id.in_(ids))):
        sealing.keep_conversation(session, conversation, actor=SYSTEM, now=utc_now())
        erasure.clear_conversation(session, conversation)
    return list(ids)


def _clear_tickets(session: Session, ids: list[Any]) -> list[str]:
    cleared: list[str] = []
    for ticket in session.scalars(select(Ticket).where(Ticket.id.in_(ids))).all():
        sealing.keep_ticket(session, ticket, actor=SYSTEM, now=utc_now())
        erasure.clear_ticket(session, ticket)
        talk = session.get(Conversation, ticket.conversation_id) if ticket.conversation_id else None
        if talk and talk.mode in (Mode.BOT, Mode.CLOSED) and not _open_tickets(session, talk.id):
            sealing.keep_conversation(session, talk, actor=SYSTEM, now=utc_now())
            erasure.clear_conversation(session, talk)
            cleared.append(talk.id)
    return cleared


def _open_tickets(session: Session, conversation_id: str) -> bool:
    query = select(Ticket.id).where(
        Ticket.conversation_id == conversation_id, Ticket.state != TicketState.CLOSED
    )
    return session.scalar(query.limit(1)) is not None


def _delete_outbox(session: Session, ids: list[Any]) -> list[str]:
    session.execute(delete(OutboxAttachment).where(OutboxAttachment.message_id.in_(ids)))
    session.execute(delete(OutboxMessage).where(OutboxMessage.id.in_(ids)))
    return []


def _rows_of(column: Any) -> Callable[[Session, list[Any]], list[str]]:
    def remove(session: Session, keys: list[Any]) -> list[str]:
        session.execute(delete(column.class_).where(column.in_(keys)))
        return []

    return remove


_CLASSES = {
    "talks_without_ticket": _Class(_talks, _clear_talks),
    "settled_tickets": _Class(_tickets, _clear_tickets),
    "sent_messages": _Class(_outbox, _delete_outbox),
    "read_notices": _Class(_notices, _rows_of(Notice.id)),
    "login_failures": _Class(_failures, _rows_of(LoginTry.key)),
    "sealed_copies": _Class(_sealed, _rows_of(SealedCopy.id)),
    "return_links": _Class(_links, _rows_of(ReturnLink.token_hash)),
    "ended_sessions": _Class(_sessions, _rows_of(StaffSession.token_hash)),
}
