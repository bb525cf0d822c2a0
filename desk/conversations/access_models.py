"""What opens a conversation for its customer: browsers, and links to come back by."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from desk.database import Base, UtcDateTime


class CustomerAccess(Base):
    """One browser's way into a conversation.

    `browser_hash` follows from the secret in the browser's cookie; None if the browser keeps no
    cookie of ours, or has not come back since conversations were bound to browsers.
    """

    __tablename__ = "customer_access"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversation.id"), index=True)
    browser_hash: Mapped[str | None] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ReturnLink(Base):
    """A link that brings the customer back from any browser, once and for a time."""

    __tablename__ = "return_link"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversation.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
