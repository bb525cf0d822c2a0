"""Links by which a customer comes back to a conversation from another browser or day.

The secret stands in the link's fragment: it reaches neither logs nor other sites. Functions work
in the caller's transaction and never commit.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from sqlalchemy.orm import Session

from desk.conversations import capability, repository
from desk.conversations.writing import in_script_of
from desk.errors import Conflict, InvalidInput
from desk.locale import t
from desk.outbox.channels import current_channels
from desk.outbox.queueing import enqueue_email, enqueue_sms
from desk.tickets.domain import mask_email, mask_phone, read_phone
from scripts_library.reading.emails import find_emails

FRAGMENT = "#back="


@dataclass(frozen=True, slots=True)
class SentLink:
    """A link that was given out; `sent_to` is the masked address, None if the page shows it."""

    url: str | None
    sent_to: str | None
    hours: int


def give_link(
    session: Session, conversation_id: str, *, page_url: str, to: str | None, now: datetime
) -> SentLink:
    """Give out a new link, and have it sent if there is an address; earlier unused links end.

    Args:
        page_url: address of the customer's page, ending in `/`.
        to: an e-mail address or a phone number as typed; None returns the link itself.

    Raises:
        InvalidInput: `to` is neither.
        Conflict: this installation sends nothing to such addresses.
    """
    hours = int(capability.RETURN_LINK_LIFETIME.total_seconds() // 3600)
    address = _Address.read(to) if to else None
    secret = capability.issue_return_link(session, conversation_id, now=now)
    url = f"{page_url}{FRAGMENT}{secret}"
    if address is None:
        return SentLink(url, None, hours)
    conversation = repository.by_id(session, conversation_id)
    company = current_channels().company
    body = in_script_of(
        conversation, t("chat.link_body", company=company, url="{url}", hours=hours)
    ).replace("{url}", url)
    key = f"return-link:{uuid4().hex}"
    if address.is_email:
        subject = in_script_of(conversation, t("chat.link_subject", company=company))
        enqueue_email(session, key=key, address=address.value, subject=subject, body=body, now=now)
        return SentLink(None, mask_email(address.value), hours)
    enqueue_sms(session, key=key, phone=address.value, body=body, now=now)
    return SentLink(None, mask_phone(address.value), hours)


@dataclass(frozen=True, slots=True)
class _Address:
    value: str
    is_email: bool

    @classmethod
    def read(cls, typed: str) -> "_Address":
        channels = current_channels()
        found = find_emails(typed.strip().lower())
        if found and found[0].value == typed.strip().lower():
            if not channels.has_email:
                raise Conflict("errors.link_no_email", field="to")
            return cls(found[0].value, is_email=True)
        phone = read_phone(typed)
        if phone is None:
            raise InvalidInput("errors.link_address", field="to")
        if not channels.has_sms:
            raise Conflict("errors.link_no_sms", field="to")
        return cls(phone, is_email=False)
