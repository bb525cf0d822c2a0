"""A customer leaves word (留言): words and an address become a ticket with a call-back time.

Meant for when nobody is there; it is taken at any time. Works in the caller's transaction.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from desk.clock import utc_now
from desk.conversations import repository
from desk.conversations.models import Conversation, Message, Mode, Sender
from desk.conversations.service import message_text
from desk.conversations.speakers import give_up, reopen
from desk.conversations.writing import (
    Line,
    append,
    card_in_script_of,
    earlier_message,
    in_script_of,
)
from desk.errors import InvalidInput
from desk.locale import t
from desk.routing.hours import call_back_by, moment_in_words
from desk.tickets.domain import NewTicket, read_phone
from desk.tickets.due import agree_deadline
from desk.tickets.models import Ticket
from desk.tickets.progress_card import progress_card
from desk.tickets.service import open_ticket
from scripts_library.reading.emails import read_email

NAME_LIMIT = 40
ACTOR = "customer"


@dataclass(frozen=True, slots=True)
class Word:
    """What the form holds, as typed. `contact` is a phone number, an e-mail address or empty."""

    text: str
    name: str = ""
    contact: str = ""
    has_consent: bool = False


def leave_word(
    session: Session,
    conversation_id: str,
    word: Word,
    *,
    client_id: str,
    now: datetime | None = None,
) -> Message:
    """Store the words as the customer's message and open a ticket for them; a retry finds the
    first. A conversation that waits for people waits no longer: somebody calls back.

    Raises:
        InvalidInput: no words or too many, an unreadable address, or name and address without
            the consent to store them (R-B2).
    """
    now = now or utc_now()
    conversation = repository.locked(session, conversation_id)
    earlier = earlier_message(session, conversation, client_id, Sender.CUSTOMER)
    if earlier:
        return earlier
    phone, email = _read(word)
    text = message_text(word.text)
    if conversation.mode == Mode.CLOSED:
        reopen(session, conversation, now=now)
    line = Line(text, client_id=client_id, handled_at=now)
    message = append(session, conversation, Sender.CUSTOMER, line, now=now, last_customer_at=now)
    ticket = _open(session, conversation, word, message, phone=phone, email=email, now=now)
    if conversation.mode == Mode.QUEUED:
        give_up(session, conversation, now=now)
    _confirm(session, conversation, ticket, now=now)
    return message


def _read(word: Word) -> tuple[str | None, str | None]:
    contact = word.contact.strip()
    phone = read_phone(contact) if contact else None
    email = read_email(contact) if contact and not phone else None
    if contact and not (phone or email):
        raise InvalidInput("errors.link_address", field="contact")
    if len(word.name.strip()) > NAME_LIMIT:
        raise InvalidInput("errors.name_too_long", field="name", limit=NAME_LIMIT)
    if (contact or word.name.strip()) and not word.has_consent:
        raise InvalidInput("errors.consent_needed", field="has_consent")
    return phone, email


def _open(
    session: Session,
    conversation: Conversation,
    word: Word,
    message: Message,
    *,
    phone: str | None,
    email: str | None,
    now: datetime,
) -> Ticket:
    new = NewTicket(
        kind="inquiry",
        description=message.text[:2000],
        conversation_id=conversation.id,
        source_key=f"word:{message.id}",
        channel=conversation.source,
        has_consent=word.has_consent and bool(phone or email or word.name.strip()),
        customer_name=word.name.strip() or None,
        phone=phone,
        email=email,
        reply_channel="phone" if phone else "email" if email else "chat",
    )
    ticket = open_ticket(session, new, actor=ACTOR, now=now)
    text = t("chat.word_agreed")
    agree_deadline(session, ticket, call_back_by(now), actor="system", text=text, now=now)
    return ticket


def _confirm(
    session: Session, conversation: Conversation, ticket: Ticket, *, now: datetime
) -> None:
    when = moment_in_words(ticket.due_at, now)
    text = in_script_of(conversation, t("chat.word_taken", number=ticket.number, when=when))
    card = card_in_script_of(conversation, progress_card(session, ticket))
    append(session, conversation, Sender.SYSTEM, Line(text, card=card), now=now)
