"""How far each side has read a conversation."""

from typing import Literal

from sqlalchemy import update
from sqlalchemy.orm import Session

from desk.conversations.models import Conversation

Reader = Literal["customer", "staff"]
_COLUMNS = {"customer": Conversation.customer_read_seq, "staff": Conversation.staff_read_seq}


def mark_read(session: Session, conversation_id: str, by: Reader, seq: int) -> bool:
    """Note that one side has seen the messages up to `seq`; tells whether that was new.

    A mark never goes back, and never beyond the last message. One statement and no lock: it must
    not stand in the way of those who write.
    """
    column = _COLUMNS[by]
    moved = session.scalar(
        update(Conversation)
        .where(Conversation.id == conversation_id, column < seq, Conversation.last_seq >= seq)
        .values({column: seq})
        .returning(Conversation.id)
        .execution_options(synchronize_session=False)
    )
    return moved is not None
