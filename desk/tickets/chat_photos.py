"""Photos from the chat on the ticket of the matter they show. Callers own the transaction."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

from desk.conversations.models import ChatPhoto, Message, Sender
from desk.errors import Conflict
from desk.locale import t
from desk.tickets.attachments import attach_file
from desk.tickets.files import CheckedFile, name_for
from desk.tickets.models import SETTLED_STATES, Ticket

KEPT_FOR = timedelta(hours=24)
"""A photo sent at most so long before a ticket was opened belongs to it."""
CUSTOMER = "customer"


def attach_waiting_photos(session: Session, ticket: Ticket, *, now: datetime) -> int:
    """Attach the customer's photos that wait in the ticket's conversation; return how many."""
    if ticket.conversation_id is None:
        return 0
    query = (
        select(ChatPhoto)
        .join(Message, Message.id == ChatPhoto.message_id)
        .where(
            ChatPhoto.conversation_id == ticket.conversation_id,
            ChatPhoto.ticket_id.is_(None),
            ChatPhoto.created_at > now - KEPT_FOR,
            Message.sender == Sender.CUSTOMER,
        )
        .order_by(ChatPhoto.created_at)
        .options(undefer(ChatPhoto.content))
    )
    return sum(_attach(session, ticket, photo, now=now) for photo in session.scalars(query).all())


def attach_to_open_ticket(session: Session, photo: ChatPhoto, *, now: datetime) -> Ticket | None:
    """Attach a customer's new photo to the newest matter of its conversation that is in work;
    return it, None if there is none or it takes no more files."""
    query = (
        select(Ticket)
        .where(
            Ticket.conversation_id == photo.conversation_id,
            Ticket.state.not_in(SETTLED_STATES),
            Ticket.merged_into_id.is_(None),
        )
        .order_by(Ticket.id.desc())
        .limit(1)
    )
    ticket = session.scalar(query)
    return ticket if ticket is not None and _attach(session, ticket, photo, now=now) else None


def _attach(session: Session, ticket: Ticket, photo: ChatPhoto, *, now: datetime) -> bool:
    name = name_for(t("chat.photo_name"), photo.media_type)
    file = CheckedFile(name, photo.media_type, photo.content, photo.sha256)
    try:
        attach_file(session, ticket, file, by=CUSTOMER, now=now)
    except Conflict:
        # As many files as a ticket may have: the photo stays in the conversation.
        return False
    photo.ticket_id = ticket.id
    return True
