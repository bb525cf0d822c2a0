"""Photos and scanned letters of a ticket, kept in the database."""

import uuid
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session, undefer

from desk.accounts.models import Role, Staff
from desk.accounts.service import require
from desk.clock import utc_now
from desk.errors import Conflict, NotFound
from desk.tickets.files import CheckedFile
from desk.tickets.locking import lock_ticket
from desk.tickets.models import Attachment, Ticket, TicketState
from desk.tickets.timeline import EntryKind, append

COUNT_LIMIT = 20
"""Files of one ticket."""


def attach(
    session: Session,
    staff: Staff,
    ticket: Ticket,
    file: CheckedFile,
    *,
    now: datetime | None = None,
) -> Attachment:
    """Store a checked file with a ticket; the same file once more changes nothing.

    The caller has found the ticket as this person may see it.

    Raises:
        Forbidden: QA only reads.
        Conflict: the ticket is closed, or has as many files as it may have.
    """
    require(staff, Role.AGENT, Role.SUPERVISOR, Role.DEPARTMENT)
    return attach_file(session, ticket, file, by=staff.login, now=now or utc_now())


def attach_file(
    session: Session, ticket: Ticket, file: CheckedFile, *, by: str, now: datetime
) -> Attachment:
    """As `attach`, without a look at rights; `by` is a login, or `customer` for a chat's photo."""
    ticket = lock_ticket(session, ticket.id)
    earlier = _with_digest(session, ticket, file.sha256)
    if earlier:
        return earlier
    if ticket.state == TicketState.CLOSED:
        raise Conflict("errors.ticket_closed", number=ticket.number)
    if _count(session, ticket) >= COUNT_LIMIT:
        raise Conflict("errors.too_many_files", limit=COUNT_LIMIT)
    attachment = Attachment(
        id=uuid.uuid4().hex,
        ticket_id=ticket.id,
        name=file.name,
        media_type=file.media_type,
        size=len(file.content),
        sha256=file.sha256,
        content=file.content,
        uploaded_by=by,
        created_at=now,
    )
    session.add(attachment)
    data = {
        "attachment_id": attachment.id,
        "media_type": attachment.media_type,
        "size": attachment.size,
    }
    append(session, ticket, EntryKind.ATTACHED, actor=by, at=now, data=data)
    return attachment


def attachments_of(session: Session, ticket: Ticket) -> list[Attachment]:
    """Return a ticket's files without their content, oldest first."""
    query = select(Attachment).where(Attachment.ticket_id == ticket.id)
    return list(session.scalars(query.order_by(Attachment.created_at, Attachment.id)))


def find_attachment(session: Session, ticket: Ticket, attachment_id: str) -> Attachment:
    """Return a file of this ticket with its content; raises `NotFound`."""
    query = select(Attachment).where(
        Attachment.id == attachment_id, Attachment.ticket_id == ticket.id
    )
    found = session.scalar(query.options(undefer(Attachment.content)))
    if found is None:
        raise NotFound("errors.attachment_not_found")
    return found


def _with_digest(session: Session, ticket: Ticket, sha256: str) -> Attachment | None:
    query = select(Attachment).where(Attachment.ticket_id == ticket.id, Attachment.sha256 == sha256)
    return session.scalars(query).first()


def _count(session: Session, ticket: Ticket) -> int:
    query = select(func.count()).where(Attachment.ticket_id == ticket.id)
    return session.scalar(query) or 0
