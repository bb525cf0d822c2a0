"""Colleagues named in notes (`@小王`): who can be, who was, and that they have seen it."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.orm import Session
from sqlalchemy.sql import ColumnElement

from desk.accounts.models import Role, Staff
from desk.clock import utc_now
from desk.conversations.colleague_models import Mention
from desk.conversations.models import Conversation, Message
from desk.errors import InvalidInput
from desk.outbox.queueing import notify

MENTIONED_ROLES = tuple(role for role in Role if role != Role.DEPARTMENT)
"""Departments never read conversations."""
MOST_MENTIONS = 10


def colleagues_to_mention(session: Session, staff: Staff) -> Sequence[Staff]:
    """Return all who may be named in a note, by name; not oneself."""
    query = select(Staff).where(
        Staff.is_active, Staff.role.in_(MENTIONED_ROLES), Staff.id != staff.id
    )
    return session.scalars(query.order_by(Staff.display_name, Staff.id)).all()


def named_in(text: str, names: Mapping[int, str]) -> list[int]:
    """Return the ids of those whose name stands behind an `@` in the text, in order, each once.

    Where names begin alike (小王, 小王子) the longest counts. People of the same name are all
    meant.
    """
    found: dict[int, None] = {}
    for start in (place for place, char in enumerate(text) if char in "@＠"):
        said = text[start + 1 :]
        fitting = [name for name in set(names.values()) if name and said.startswith(name)]
        if fitting:
            longest = max(fitting, key=len)
            found.update(dict.fromkeys(who for who, name in names.items() if name == longest))
    return list(found)


def mention(
    session: Session,
    message: Message,
    author: Staff,
    staff_ids: Iterable[int],
    *,
    now: datetime,
) -> None:
    """Name colleagues in a note: each gets a notice, and may read the conversation.

    Raises:
        InvalidInput: too many, or somebody who can't be named (unknown, gone, a department).
    """
    wanted = set(staff_ids) - {author.id}
    if len(wanted) > MOST_MENTIONS:
        raise InvalidInput("errors.mentions_too_many", field="mentions", limit=MOST_MENTIONS)
    known = {one.id for one in colleagues_to_mention(session, author)}
    if not wanted <= known:
        raise InvalidInput("errors.mention_unknown", field="mentions")
    for staff_id in sorted(wanted):
        session.add(
            Mention(
                message_id=message.id,
                conversation_id=message.conversation_id,
                staff_id=staff_id,
                created_at=now,
            )
        )
        notify(
            session,
            staff_id,
            key="workbench.notice_mentioned",
            dedupe_key=f"mention:{message.id}:{staff_id}",
            values={"agent": author.display_name, "conversation_id": message.conversation_id},
            now=now,
        )
    session.flush()


def mark_seen(
    session: Session, staff: Staff, conversation_id: str, *, now: datetime | None = None
) -> bool:
    """Note that someone has opened a conversation they were named in; tells if that was new."""
    query = select(Mention).where(
        Mention.staff_id == staff.id,
        Mention.conversation_id == conversation_id,
        Mention.seen_at.is_(None),
    )
    mentions = session.scalars(query).all()
    for one in mentions:
        one.seen_at = now or utc_now()
    session.flush()
    return bool(mentions)


def unseen_mentions(session: Session, staff: Staff) -> list[Conversation]:
    """Return the conversations in which someone was named and has not looked since."""
    query = (
        select(Conversation)
        .join(Mention, Mention.conversation_id == Conversation.id)
        .where(Mention.staff_id == staff.id, Mention.seen_at.is_(None))
        .order_by(Mention.id.desc())
    )
    return list(dict.fromkeys(session.scalars(query).unique()))


def is_mentioned(staff: Staff) -> ColumnElement[bool]:
    """Return the condition for conversations that someone was named in."""
    return exists().where(Mention.conversation_id == Conversation.id, Mention.staff_id == staff.id)
