"""What the desk knows of a person, for that person (PIPL art. 45)."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from desk.conversations.models import Message, Sender
from desk.privacy.consent import consents_of
from desk.privacy.models import ConsentNotice
from desk.privacy.subject import Subject
from desk.tickets.models import Attachment, Ticket, TicketEntry
from desk.tickets.timeline import EntryKind
from desk.tickets.view import ticket_json

SHOWN_ENTRIES = (
    EntryKind.OPENED,
    EntryKind.SUPPLEMENTED,
    EntryKind.URGED,
    EntryKind.STATE_CHANGED,
    EntryKind.FEEDBACK_GIVEN,
    EntryKind.SURVEY_ANSWERED,
    EntryKind.REOPENED,
)
"""What concerns the customer; remarks among colleagues are not part of one's own data."""


def own_data(session: Session, subject: Subject) -> dict[str, Any]:
    """Return tickets, conversations, files and consents of a person, as JSON."""
    consents = consents_of(
        session,
        conversation_ids=subject.conversation_ids,
        ticket_ids=subject.ticket_ids,
        phone_index=subject.phone_index,
    )
    return {
        "tickets": [_ticket(session, ticket) for ticket in subject.tickets],
        "conversations": [
            {
                "id": one.id,
                "created_at": one.created_at.isoformat(),
                "messages": _said(session, one.id),
            }
            for one in subject.conversations
        ],
        "consents": [
            {
                "version": one.version,
                "notice": session.get_one(ConsentNotice, one.version).text,
                "given_at": one.given_at.isoformat(),
                "withdrawn_at": one.withdrawn_at.isoformat() if one.withdrawn_at else None,
            }
            for one in consents
        ],
    }


def _ticket(session: Session, ticket: Ticket) -> dict[str, Any]:
    shown = select(TicketEntry).where(
        TicketEntry.ticket_id == ticket.id, TicketEntry.kind.in_(SHOWN_ENTRIES)
    )
    files = select(Attachment).where(Attachment.ticket_id == ticket.id)
    return {
        **ticket_json(ticket, is_revealed=True),
        "entries": [
            {"kind": one.kind, "at": one.at.isoformat(), "text": one.text}
            for one in session.scalars(shown.order_by(TicketEntry.id))
        ],
        "files": [
            {"name": one.name, "size": one.size, "at": one.created_at.isoformat()}
            for one in session.scalars(files)
        ],
    }


def _said(session: Session, conversation_id: str) -> list[dict[str, Any]]:
    query = select(Message).where(
        Message.conversation_id == conversation_id, Message.sender != Sender.NOTE
    )
    return [
        {
            "sender": one.sender,
            "at": one.created_at.isoformat(),
            "text": one.text,
            "photos": [photo.as_json() for photo in one.photos],
        }
        for one in session.scalars(query.order_by(Message.seq))
    ]
