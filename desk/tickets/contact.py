"""How and where the customer wants the answer to a ticket (R-A4)."""

from datetime import datetime

from sqlalchemy.orm import Session

from desk.clock import utc_now
from desk.encryption import personal_data
from desk.privacy.consent import give_consent
from desk.sealing.service import keep
from desk.tickets.models import Ticket
from desk.tickets.timeline import EntryKind, append


def set_contact(
    session: Session,
    ticket: Ticket,
    *,
    reply_channel: str,
    actor: str,
    phone: str | None = None,
    email: str | None = None,
    now: datetime | None = None,
) -> None:
    """Store the phone or e-mail address the customer gave for the answer; giving it for this is
    the consent."""
    before = {"phone": ticket.phone, "email": ticket.email}
    is_replaced = (phone and ticket.phone not in (None, phone)) or (
        email and ticket.email not in (None, email)
    )
    if is_replaced:
        keep(session, "contact", ticket.number, before, actor=actor, now=now or utc_now())
    if phone:
        ticket.phone, ticket.phone_index = phone, personal_data().index(phone)
    if email:
        ticket.email = email
    if (phone or email) and not ticket.has_consent:
        give_consent(
            session,
            now=now or utc_now(),
            conversation_id=ticket.conversation_id,
            ticket_id=ticket.id,
            phone_index=ticket.phone_index,
        )
        ticket.has_consent = True
    ticket.reply_channel = reply_channel
    append(
        session,
        ticket,
        EntryKind.CONTACT_SET,
        actor=actor,
        at=now or utc_now(),
        data={"reply_channel": reply_channel},
    )
