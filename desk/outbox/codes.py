"""Sends the one-time code by which a customer shows that a phone is theirs (R-B7)."""

from datetime import datetime

from sqlalchemy.orm import Session

from desk.clock import utc_now
from desk.locale import t
from desk.outbox.channels import current_channels
from desk.outbox.queueing import enqueue_sms
from desk.tickets.progress_codes import CODE_LIFE, has_code, make_code
from desk.tickets.service import tickets_for_phone


def can_send_codes() -> bool:
    """Tell whether this installation sends text messages."""
    return current_channels().has_sms


def send_code(
    session: Session, *, conversation_id: str, phone: str, now: datetime | None = None
) -> bool:
    """Have a code sent to a phone; tells whether there is one to wait for.

    Only a phone under which there is a ticket gets a message: nobody else is bothered, and the
    answer is the same for both. False: too many codes for this phone or from this conversation.
    """
    now = now or utc_now()
    made = make_code(session, conversation_id=conversation_id, phone=phone, now=now)
    if made is None:
        return has_code(session, conversation_id=conversation_id, phone=phone, now=now)
    row, code = made
    if tickets_for_phone(session, phone, limit=1):
        channels, minutes = current_channels(), int(CODE_LIFE.total_seconds() // 60)
        text = t("customer.progress_code", code=code, minutes=minutes, phone=channels.phone)
        body = t("customer.sms_body", company=channels.company, text=text)
        # SQLite gives the id of a deleted row out again, so the time is part of the key.
        key = f"progress-code:{row.id}:{now.isoformat()}"
        enqueue_sms(session, key=key, phone=phone, body=body, now=now)
    return True
