"""No hiding: conversations that read like complaints but led to no ticket, for QA (R-B12).

`screen` looks at conversations that have gone quiet, each once until the customer writes again:
it reads without a lock, judges, and stores by comparing `Conversation.screened_seq`, so a second
process that judged the same one changes nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, exists, func, select, update
from sqlalchemy.orm import Session

from desk.accounts.models import Role, Staff
from desk.accounts.service import require
from desk.clock import utc_now
from desk.conversations.models import Conversation, Message, Sender
from desk.errors import Conflict, NotFound
from desk.reviews.models import Suspect
from desk.reviews.screening import Said, Suspicion, suspicion
from desk.tickets.domain import NewTicket
from desk.tickets.models import Ticket, TicketKind
from desk.tickets.service import open_ticket

QUIET = timedelta(minutes=30)
"""A conversation is judged when the customer has not written for this long: before that the bot or
the agent may still open a ticket."""
BATCH = 50
MESSAGES_READ = 60
DESCRIPTION_LIMIT = 4000
ON_RECORD = (
    TicketKind.COMPLAINT,
    TicketKind.REPAIR,
    TicketKind.SUGGESTION,
    TicketKind.ORDER_CHANGE,
)
"""Tickets that answer a grievance. An inquiry does not: a complaint could hide in it."""


@dataclass(frozen=True, slots=True)
class Unscreened:
    """A conversation to judge: what the customer wrote since it was last looked at."""

    conversation_id: str
    screened_seq: int
    last_seq: int
    messages: tuple[Said, ...]


@dataclass(frozen=True, slots=True)
class SuspectPage:
    """Some of the suspects, the likeliest first, and how many there are."""

    rows: Sequence[Suspect]
    total: int


def unscreened(session: Session, *, now: datetime, limit: int = BATCH) -> list[Unscreened]:
    """Return conversations that went quiet and were not judged up to their end."""
    query = (
        select(Conversation)
        .where(
            Conversation.screened_seq < Conversation.last_seq,
            Conversation.last_customer_at < now - QUIET,
        )
        .order_by(Conversation.last_customer_at)
        .limit(limit)
    )
    return [_with_messages(session, one) for one in session.scalars(query)]


def judge(found: Sequence[Unscreened]) -> list[tuple[Unscreened, Suspicion]]:
    """Score each conversation; no database."""
    return [(one, suspicion(one.messages)) for one in found]


def store(
    session: Session, judged: Sequence[tuple[Unscreened, Suspicion]], *, now: datetime
) -> int:
    """Note that these were judged, and list the suspicious ones; return how many are new."""
    listed = 0
    for one, verdict in judged:
        if not _claim(session, one) or not verdict.is_listed:
            continue
        if session.scalar(select(_on_record(one.conversation_id))):
            continue
        suspect = session.get(Suspect, one.conversation_id)
        if suspect is None:
            suspect = Suspect(conversation_id=one.conversation_id)
            session.add(suspect)
        elif suspect.decision == "open":
            verdict = _worse(suspect, verdict)
        suspect.score, suspect.words = verdict.score, list(verdict.words)
        suspect.last_seq, suspect.found_at = one.last_seq, now
        suspect.decision, suspect.decided_by_id, suspect.decided_at = "open", None, None
        listed += 1
    session.flush()
    return listed


def list_suspects(
    session: Session, staff: Staff, *, decision: str = "open", limit: int = 50, offset: int = 0
) -> SuspectPage:
    """Return suspects for QA. An open one whose conversation got a ticket meanwhile is left out.

    Raises:
        Forbidden: neither QA nor a leader.
    """
    require(staff, Role.QA, Role.SUPERVISOR)
    wanted = [Suspect.decision == decision]
    if decision == "open":
        wanted.append(~_on_record(Suspect.conversation_id))
    query = select(Suspect).where(*wanted)
    order = Suspect.score.desc() if decision == "open" else Suspect.decided_at.desc()
    rows = session.scalars(
        query.order_by(order, Suspect.conversation_id).limit(limit).offset(offset)
    )
    total = session.scalar(select(func.count()).select_from(Suspect).where(*wanted))
    return SuspectPage(rows.all(), total or 0)


def find_suspect(session: Session, staff: Staff, conversation_id: str) -> Suspect:
    """Return a suspect; raises `NotFound`, or `Forbidden` for other roles."""
    require(staff, Role.QA, Role.SUPERVISOR)
    found = session.get(Suspect, conversation_id)
    if found is None:
        raise NotFound("errors.suspect_not_found")
    return found


def dismiss(
    session: Session, staff: Staff, conversation_id: str, *, now: datetime | None = None
) -> Suspect:
    """Decide that it is no complaint; it comes back only if the customer writes again.

    Raises:
        Conflict: decided already.
    """
    suspect = _undecided(session, staff, conversation_id)
    return _decide(session, suspect, staff, "none", now or utc_now())


def open_from_suspect(
    session: Session, staff: Staff, conversation_id: str, *, now: datetime | None = None
) -> Ticket:
    """Open the complaint that nobody took down, with what the customer wrote.

    Raises:
        Conflict: decided already.
    """
    now = now or utc_now()
    suspect = _undecided(session, staff, conversation_id)
    said = _messages(session, conversation_id, 0, suspect.last_seq)
    source = session.get_one(Conversation, conversation_id).source
    new = NewTicket(
        kind=TicketKind.COMPLAINT,
        description="\n".join(one.text for one in said)[:DESCRIPTION_LIMIT],
        conversation_id=conversation_id,
        source_key=f"suspect-{suspect.last_seq}",
        intent="file_complaint",
        channel=source,
    )
    ticket = open_ticket(session, new, actor=staff.login, now=now)
    suspect.ticket_id = ticket.id
    _decide(session, suspect, staff, "complaint", now)
    return ticket


def _undecided(session: Session, staff: Staff, conversation_id: str) -> Suspect:
    find_suspect(session, staff, conversation_id)
    query = select(Suspect).where(Suspect.conversation_id == conversation_id).with_for_update()
    suspect = session.scalars(query.execution_options(populate_existing=True)).one()
    if suspect.decision != "open":
        raise Conflict("errors.suspect_decided")
    return suspect


def _decide(
    session: Session, suspect: Suspect, staff: Staff, decision: str, now: datetime
) -> Suspect:
    suspect.decision, suspect.decided_by_id, suspect.decided_at = decision, staff.id, now
    session.flush()
    return suspect


def _claim(session: Session, one: Unscreened) -> bool:
    claim = (
        update(Conversation)
        .where(
            Conversation.id == one.conversation_id,
            Conversation.screened_seq == one.screened_seq,
        )
        .values(screened_seq=one.last_seq)
        .returning(Conversation.id)
    )
    return session.scalar(claim) is not None


def _worse(before: Suspect, now: Suspicion) -> Suspicion:
    """Return the graver of two verdicts: what came later does not excuse what came before."""
    if before.score <= now.score:
        return now
    return Suspicion(before.score, tuple(before.words))


def _on_record(conversation_id: object) -> ColumnElement[bool]:
    return exists().where(Ticket.conversation_id == conversation_id, Ticket.kind.in_(ON_RECORD))


def _with_messages(session: Session, one: Conversation) -> Unscreened:
    said = _messages(session, one.id, one.screened_seq, one.last_seq)
    return Unscreened(one.id, one.screened_seq, one.last_seq, tuple(said))


def _messages(session: Session, conversation_id: str, after: int, last: int) -> list[Said]:
    """Return the customer's typed messages in a stretch; taps on buttons say nothing by
    themselves."""
    query = (
        select(Message.text, Message.intent)
        .where(
            Message.conversation_id == conversation_id,
            Message.sender == Sender.CUSTOMER,
            Message.payload.is_(None),
            Message.seq > after,
            Message.seq <= last,
        )
        .order_by(Message.seq.desc())
        .limit(MESSAGES_READ)
    )
    return [Said(row.text, row.intent) for row in reversed(session.execute(query).all())]


def ticket_number(session: Session, suspect: Suspect) -> str | None:
    """Return the number of the ticket that was opened from a suspect."""
    return session.scalar(select(Ticket.number).where(Ticket.id == suspect.ticket_id))
