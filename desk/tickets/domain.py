"""What a new ticket consists of, and which states may follow which."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime

DEPARTMENTS = (
    "customer_service",
    "engineering",
    "property_management",
    "sales",
    "finance",
    "security",
    "quality_control",
    "production",
    "after_sales",
)
CATEGORIES = (
    "housing_quality",
    "sales_contract",
    "property_service",
    "staff_attitude",
    "public_facility",
    "indoor_repair",
    "renovation_noise",
    "cleaning_greening",
    "pest_control",
    "mail_parcel",
    "parking",
    "fees",
    "safety",
    "product_quality",
    "order_delivery",
    "installation_service",
    "privacy",
    "other",
)
SEVERITIES = ("general", "major")
CHANNELS = ("web", "widget", "phone", "visit", "letter", "api")
REPLY_CHANNELS = ("chat", "phone", "sms", "email")

DEPARTMENT_OF_KIND = {
    "inquiry": "customer_service",
    "complaint": "customer_service",
    "repair": "engineering",
    "suggestion": "customer_service",
    "order_change": "sales",
    "viewing": "sales",
}

FOLLOWING_STATES = {
    "open": {"in_progress", "waiting_customer", "resolved", "closed"},
    "in_progress": {"waiting_customer", "resolved", "closed"},
    "waiting_customer": {"in_progress", "resolved", "closed"},
    "resolved": {"closed", "in_progress"},
    "closed": {"in_progress"},
}


_PHONE = re.compile(r"\+?\d[\d -]{5,18}\d")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTicket:
    """A matter as it was taken down; None where the customer did not say.

    Attributes:
        kind: `inquiry`, `complaint`, `repair`, `suggestion`, `order_change` or `viewing`.
        description: what it is about, in the customer's words.
        source_key: with `conversation_id` it makes opening idempotent: the same key, the same
            ticket. Use the id of the message that led to it.
        category, severity, department: fixed values; None lets triage or the kind decide.
        has_consent: the customer agreed that personal data is stored (R-B2). Without it, name,
            phone and room are not stored even if given.
        channel: one of `CHANNELS`: how the matter came in.
        reply_channel: one of `REPLY_CHANNELS`.
        spot: a floor or a public place, as one says it, e.g. `5楼楼道`, `北门`.
        occurred: when it happened, as told.
        wish: what the customer wants.
        recipient_id: the staff member who took it down and stays responsible for the answer.
        received_at: when the matter came in, where that was before it is written down (a letter);
            the deadline counts from it. None: now.
    """

    kind: str
    description: str
    conversation_id: str | None = None
    source_key: str | None = None
    intent: str | None = None
    channel: str = "web"
    category: str | None = None
    severity: str | None = None
    department: str | None = None
    has_consent: bool = False
    customer_name: str | None = None
    phone: str | None = None
    reply_channel: str = "chat"
    estate: str | None = None
    building: str | None = None
    unit: str | None = None
    room: str | None = None
    spot: str | None = None
    order_no: str | None = None
    occurred: str | None = None
    wish: str | None = None
    email: str | None = None
    recipient_id: int | None = None
    received_at: datetime | None = None


def may_follow(before: str, after: str) -> bool:
    """Tell whether a ticket in state `before` may go to state `after`."""
    return after in FOLLOWING_STATES.get(before, set())


def mask_phone(phone: str | None) -> str | None:
    """Return a phone with its middle hidden, e.g. `138****8000`; short ones wholly hidden."""
    if not phone:
        return phone
    return f"{phone[:3]}****{phone[-4:]}" if len(phone) >= 9 else "*" * len(phone)


def mask_name(name: str | None) -> str | None:
    """Return a name with all but its first character hidden, e.g. `李**`."""
    return name[0] + "*" * (len(name) - 1) if name else name


def mask_email(email: str | None) -> str | None:
    """Return an e-mail address with all but the first character before the @ hidden."""
    if not email:
        return email
    name, _, domain = email.partition("@")
    return f"{name[:1]}***@{domain}"


def read_phone(typed: str) -> str | None:
    """Return the digits of what is a phone number and nothing else; None for other text."""
    wide = unicodedata.normalize("NFKC", typed).strip()
    if not _PHONE.fullmatch(wide):
        return None
    return re.sub(r"\D", "", wide).removeprefix("0086")
