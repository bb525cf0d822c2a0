"""When nobody takes a waiting conversation: a ticket with a call-back time, and the customer is
told (R-A4, R-G9). Then the bot speaks again."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from desk.conversations import repository
from desk.conversations.models import Conversation, Message, Mode, Sender
from desk.conversations.speakers import give_up
from desk.conversations.writing import say
from desk.locale import t
from desk.routing.hours import call_back_by, moment_in_words, next_opening, people_are_here
from desk.routing.offering import Floor, Matter
from desk.routing.settings import current_settings
from desk.tickets.domain import NewTicket
from desk.tickets.due import agree_deadline
from desk.tickets.models import SETTLED_STATES, Ticket
from desk.tickets.service import note, open_ticket, tickets_of_conversation

SYSTEM = "system"
LINES = 6
"""Of what the customer said last, so many messages go into the ticket."""


def is_hopeless(matter: Matter, floor: Floor, now: datetime) -> bool:
    """Tell whether a customer has waited long enough: everybody who is there said no, it lasts
    longer than anybody should wait, or people have gone home."""
    settings, waited = current_settings(), now - matter.waiting.queued_at
    if waited >= settings.longest_wait:
        return True
    if floor.there:
        return floor.there <= matter.declined
    return waited >= settings.closed_wait and not people_are_here(now)


def call_back_instead(session: Session, matter: Matter, *, now: datetime) -> Ticket | None:
    """Open a ticket with a call-back time and tell the customer. What the customer has a ticket
    for already gets a note instead. Returns None if the conversation no longer waits."""
    conversation = repository.locked(session, matter.waiting.id)
    if conversation.mode != Mode.QUEUED:
        return None
    by, is_open = call_back_by(now), people_are_here(now)
    ticket = _ticket(session, conversation, matter, by=by, now=now)
    give_up(session, conversation, now=now)
    say(
        session,
        conversation,
        "chat.call_back" if is_open else "chat.call_back_closed",
        now=now,
        number=ticket.number,
        when=moment_in_words(by, now),
        opening=moment_in_words(next_opening(now), now),
    )
    return ticket


def _ticket(
    session: Session, conversation: Conversation, matter: Matter, *, by: datetime, now: datetime
) -> Ticket:
    for ticket in tickets_of_conversation(session, conversation.id):
        if ticket.state not in SETTLED_STATES and ticket.merged_into_id is None:
            text = t("routing.call_back_note", when=moment_in_words(by, now))
            note(session, ticket, text, actor=SYSTEM, now=now)
            return ticket
    new = NewTicket(
        kind="inquiry",
        description=_said(session, conversation.id) or t("routing.call_back_nothing_said"),
        conversation_id=conversation.id,
        source_key=f"call_back:{matter.wait_id}",
        intent=conversation.last_intent,
        channel=conversation.source,
    )
    ticket = open_ticket(session, new, actor=SYSTEM, now=now)
    text = t("routing.call_back_agreed")
    agree_deadline(session, ticket, by, actor=SYSTEM, text=text, now=now)
    return ticket


def _said(session: Session, conversation_id: str) -> str:
    query = (
        select(Message.text)
        .where(Message.conversation_id == conversation_id, Message.sender == Sender.CUSTOMER)
        .order_by(Message.seq.desc())
        .limit(LINES)
    )
    return "\n".join(reversed(session.scalars(query).all()))[:2000]
