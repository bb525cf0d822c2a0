"""How a ticket stands, for a customer who asks: only after a check that it is theirs (R-B7)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Index, String, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from desk.clock import utc_now
from desk.database import Base, UtcDateTime
from desk.encryption import personal_data
from desk.tickets.models import Ticket
from desk.tickets.numbers import parse_number
from desk.tickets.progress_codes import is_code_right
from desk.tickets.service import tickets_for_phone, tickets_of_conversation

TRY_LIMIT = 5
TRY_WINDOW = timedelta(hours=24)
"""Wrong answers for one ticket number or phone, or from one conversation, within this time."""


class ProgressTry(Base):
    """A failed check; `asked_index` is a keyed hash of the ticket number or phone asked for."""

    __tablename__ = "progress_try"
    __table_args__ = (
        Index("ix_progress_try_asked_index_at", "asked_index", "at"),
        Index("ix_progress_try_conversation_id_at", "conversation_id", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[str] = mapped_column(String(32))
    asked_index: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


@dataclass(frozen=True, slots=True)
class Progress:
    """What came of a question; without tickets nothing may be told.

    Attributes:
        tickets: the customer's own, newest first.
        needs_proof: nothing was checked yet: ask for the last four digits of the phone (with a
            ticket number), or for the room (with a phone).
        is_locked: too many wrong answers; the customer should ask people.
    """

    tickets: tuple[Ticket, ...] = ()
    needs_proof: bool = False
    is_locked: bool = False


def ask_progress(
    session: Session,
    *,
    conversation_id: str,
    number: str | None = None,
    phone: str | None = None,
    proof: str | None = None,
    by_code: bool = False,
    now: datetime | None = None,
) -> Progress:
    """Return the tickets that a customer may hear of. Commit whatever the result is.

    Without number and phone: the conversation's own tickets. With a number: that ticket if it is
    the conversation's own, or if `proof` is the last four digits of its phone. With a phone: the
    tickets under it whose room is `proof`; where text messages go out (`by_code`), all of them if
    `proof` is the code sent to it (`desk.outbox.codes`). A wrong number and a wrong proof get the
    same answer; after `TRY_LIMIT` of them the number, the phone or the conversation is locked for
    a day.
    """
    now = now or utc_now()
    own = tickets_of_conversation(session, conversation_id)
    if number is None and phone is None:
        return Progress(tuple(own))
    asked = (parse_number(number) or number) if number is not None else phone or ""
    mine = tuple(ticket for ticket in own if ticket.number == asked)
    if mine:
        return Progress(mine)
    index = personal_data().index(asked)
    if _is_locked(session, conversation_id, index, now):
        return Progress(is_locked=True)
    if not proof:
        return Progress(needs_proof=True)
    if number is not None:
        found = _by_number(session, asked, proof)
    elif not by_code:
        found = _by_room(session, asked, proof)
    elif is_code_right(session, conversation_id=conversation_id, phone=asked, code=proof, now=now):
        found = tuple(tickets_for_phone(session, asked))
    else:
        found = ()
    if found:
        return Progress(found)
    session.add(ProgressTry(conversation_id=conversation_id, asked_index=index, at=now))
    session.flush()
    return Progress(is_locked=_is_locked(session, conversation_id, index, now))


def _by_number(session: Session, number: str, last4: str) -> tuple[Ticket, ...]:
    ticket = session.scalar(select(Ticket).where(Ticket.number == number))
    fits = ticket is not None and len(last4) == 4 and (ticket.phone or "").endswith(last4)
    return (ticket,) if ticket is not None and fits else ()


def _by_room(session: Session, phone: str, room: str) -> tuple[Ticket, ...]:
    room = room.strip()
    return tuple(
        ticket for ticket in tickets_for_phone(session, phone) if room and ticket.room == room
    )


def _is_locked(session: Session, conversation_id: str, index: str, now: datetime) -> bool:
    since = ProgressTry.at > now - TRY_WINDOW
    for same in (ProgressTry.asked_index == index, ProgressTry.conversation_id == conversation_id):
        if (session.scalar(select(func.count()).where(same, since)) or 0) >= TRY_LIMIT:
            return True
    return False
