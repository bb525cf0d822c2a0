"""One-time codes by which a customer shows that a phone is theirs: which were sent, which hold.

A code holds for the conversation it was sent for, ten minutes long. `desk.outbox.codes` sends it.
"""

import secrets
from datetime import datetime, timedelta

from sqlalchemy import Index, Select, String, delete, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from desk.database import Base, UtcDateTime
from desk.encryption import personal_data

CODE_DIGITS = 6
CODE_LIFE = timedelta(minutes=10)
SEND_PAUSE = timedelta(minutes=1)
"""So long no second code is made for the same phone or conversation."""
SEND_LIMIT = 3
SEND_WINDOW = timedelta(hours=24)
"""Codes for one phone, or from one conversation, within this time."""


class ProgressCode(Base):
    """A code that was asked for. Phone and code are keyed hashes; one for a phone that nobody left
    is kept too, so that the limits do not tell which phones are known."""

    __tablename__ = "progress_code"
    __table_args__ = (
        Index("ix_progress_code_phone_index_at", "phone_index", "at"),
        Index("ix_progress_code_conversation_id_at", "conversation_id", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[str] = mapped_column(String(32))
    phone_index: Mapped[str] = mapped_column(String(64))
    code_index: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


def make_code(
    session: Session, *, conversation_id: str, phone: str, now: datetime
) -> tuple[ProgressCode, str] | None:
    """Store a new code and return it with its row; None while an earlier one was made less than
    `SEND_PAUSE` ago, or if there were `SEND_LIMIT` of them within `SEND_WINDOW`."""
    session.execute(delete(ProgressCode).where(ProgressCode.at <= now - SEND_WINDOW))
    index = personal_data().index(phone)
    for same in (
        ProgressCode.phone_index == index,
        ProgressCode.conversation_id == conversation_id,
    ):
        query = select(func.count(), func.max(ProgressCode.at)).where(same)
        count, last = session.execute(query).one()
        if count >= SEND_LIMIT or (last is not None and last > now - SEND_PAUSE):
            return None
    code = "".join(secrets.choice("0123456789") for _ in range(CODE_DIGITS))
    row = ProgressCode(
        conversation_id=conversation_id,
        phone_index=index,
        code_index=_code_index(conversation_id, phone, code),
        at=now,
    )
    session.add(row)
    session.flush()
    return row, code


def is_code_right(
    session: Session, *, conversation_id: str, phone: str, code: str, now: datetime
) -> bool:
    """Tell whether this is a code of this conversation and phone that still holds."""
    wanted = _code_index(conversation_id, phone, code.strip())
    query = _holding(conversation_id, phone, now).where(ProgressCode.code_index == wanted)
    return session.scalar(query.limit(1)) is not None


def has_code(session: Session, *, conversation_id: str, phone: str, now: datetime) -> bool:
    """Tell whether there is a code to wait for."""
    return session.scalar(_holding(conversation_id, phone, now).limit(1)) is not None


def _holding(conversation_id: str, phone: str, now: datetime) -> Select[int]:
    return select(ProgressCode.id).where(
        ProgressCode.conversation_id == conversation_id,
        ProgressCode.phone_index == personal_data().index(phone),
        ProgressCode.at > now - CODE_LIFE,
    )


def _code_index(conversation_id: str, phone: str, code: str) -> str:
    return personal_data().index(f"{conversation_id}:{phone}:{code}")
