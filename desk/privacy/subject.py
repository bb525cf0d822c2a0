"""Everything in the desk that belongs to one person."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from desk.conversations.models import Conversation
from desk.encryption import personal_data
from desk.errors import InvalidInput, NotFound
from desk.tickets.domain import read_phone
from desk.tickets.models import Ticket

LIMIT = 1000
"""Tickets of one person; more than that is not a person."""


@dataclass(frozen=True, slots=True)
class Subject:
    """One person's tickets and conversations.

    Attributes:
        phone_index: keyed hash of the phone asked for; None if found by conversation.
        tickets: by number of their opening.
        conversations: also without a ticket.
    """

    phone_index: str | None
    tickets: tuple[Ticket, ...]
    conversations: tuple[Conversation, ...]

    @property
    def ticket_ids(self) -> list[int]:
        """Ids of the tickets."""
        return [ticket.id for ticket in self.tickets]

    @property
    def conversation_ids(self) -> list[str]:
        """Ids of the conversations."""
        return [conversation.id for conversation in self.conversations]

    def with_all_of(self, other: "Subject") -> "Subject":
        """Return what belongs to either, once."""
        tickets = {ticket.id: ticket for ticket in (*self.tickets, *other.tickets)}
        talks = {one.id: one for one in (*self.conversations, *other.conversations)}
        index = self.phone_index or other.phone_index
        return Subject(index, tuple(tickets.values()), tuple(talks.values()))


def find_subject(
    session: Session, *, phone: str | None = None, conversation_id: str | None = None
) -> Subject:
    """Return what belongs to a phone number, or to a conversation and its tickets.

    Whoever asks must have been identified: the caller sees to that.

    Raises:
        InvalidInput: neither was given, or the phone is none.
        NotFound: there is nothing.
    """
    if phone:
        return subject_of_index(session, personal_data().index(normal_phone(phone)))
    if not conversation_id:
        raise InvalidInput("errors.subject_missing", field="phone")
    tickets = _tickets(session, Ticket.conversation_id == conversation_id)
    conversation = session.get(Conversation, conversation_id)
    if conversation is None:
        raise NotFound("errors.subject_unknown")
    return Subject(None, tuple(tickets), (conversation,))


def subject_of_index(session: Session, index: str) -> Subject:
    """Return what belongs to a phone's keyed hash; raises `NotFound`."""
    tickets = _tickets(session, Ticket.phone_index == index)
    ids = [ticket.conversation_id for ticket in tickets if ticket.conversation_id]
    if not tickets:
        raise NotFound("errors.subject_unknown")
    conversations = session.scalars(select(Conversation).where(Conversation.id.in_(ids)))
    return Subject(index, tuple(tickets), tuple(conversations))


def normal_phone(phone: str) -> str:
    """Return a phone number as tickets store it.

    Raises:
        InvalidInput: it is no phone number.
    """
    digits = read_phone(phone)
    if not digits:
        raise InvalidInput("errors.subject_missing", field="phone")
    return digits


def _tickets(session: Session, condition: ColumnElement[bool]) -> list[Ticket]:
    return list(session.scalars(select(Ticket).where(condition).order_by(Ticket.id).limit(LIMIT)))
