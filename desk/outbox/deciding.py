"""What a person decides about messages that failed, or may have gone out already."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from desk.accounts.models import Role, Staff
from desk.accounts.service import require
from desk.clock import utc_now
from desk.errors import Conflict, NotFound
from desk.outbox.models import OutboxMessage, OutboxState
from desk.tickets.domain import mask_phone

PROBLEMS = (OutboxState.UNCERTAIN, OutboxState.FAILED)


def problems(session: Session, staff: Staff, *, limit: int = 100) -> Sequence[OutboxMessage]:
    """Return the messages that wait for a decision, newest first. For leaders."""
    require(staff, Role.SUPERVISOR)
    query = select(OutboxMessage).where(OutboxMessage.state.in_(PROBLEMS))
    return session.scalars(query.order_by(OutboxMessage.id.desc()).limit(limit)).all()


def count_problems(session: Session) -> int:
    """Return how many messages wait for a decision."""
    query = select(func.count()).where(OutboxMessage.state.in_(PROBLEMS))
    return session.scalar(query) or 0


def resend(
    session: Session, staff: Staff, message_id: int, now: datetime | None = None
) -> OutboxMessage:
    """Send a message again, from its first attempt on. Of an uncertain one the receiver may get a
    second copy: whoever decides this knows it.

    Raises:
        Forbidden: no leader.
        NotFound: no such message.
        Conflict: it does not wait for a decision (any more).
    """
    message = _awaiting(session, staff, message_id)
    message.state, message.attempts = OutboxState.PENDING, 0
    message.next_try_at = now or utc_now()
    session.flush()
    return message


def discard(session: Session, staff: Staff, message_id: int) -> OutboxMessage:
    """Decide that a message need not go out; raises as `resend`."""
    message = _awaiting(session, staff, message_id)
    message.state = OutboxState.DISCARDED
    session.flush()
    return message


def masked_address(message: OutboxMessage) -> str:
    """Return where a message goes, as much of it as a page shows."""
    if message.channel == "email":
        name, _, domain = message.address.partition("@")
        return f"{name[:1]}***@{domain}"
    return mask_phone(message.address) or ""


def _awaiting(session: Session, staff: Staff, message_id: int) -> OutboxMessage:
    require(staff, Role.SUPERVISOR)
    query = select(OutboxMessage).where(OutboxMessage.id == message_id).with_for_update()
    message = session.scalar(query.execution_options(populate_existing=True))
    if message is None:
        raise NotFound("errors.outbox_message_not_found")
    if message.state not in PROBLEMS:
        raise Conflict("errors.outbox_message_settled")
    message.decided_by_id = staff.id
    return message
