"""Replies of the past, to see what a rule would have changed."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from desk.accounts.models import Role, Staff
from desk.accounts.service import require
from desk.conversations.models import Message, Sender

REPLIES = 2000


def past_replies(session: Session, staff: Staff, *, limit: int = REPLIES) -> list[str]:
    """Return the newest replies of agents, each wording once.

    Raises:
        Forbidden: neither QA nor a leader.
    """
    require(staff, Role.QA, Role.SUPERVISOR)
    query = select(Message.text).where(Message.sender == Sender.AGENT)
    newest = session.scalars(query.order_by(Message.id.desc()).limit(limit))
    return list(dict.fromkeys(newest))
