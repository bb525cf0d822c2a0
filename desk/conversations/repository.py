"""Queries of conversations and messages."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, cast

from sqlalchemy import (
    ColumnElement,
    Select,
    String,
    Table,
    and_,
    bindparam,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy import cast as sql_cast
from sqlalchemy.orm import Session, class_mapper, lazyload
from sqlalchemy.orm.attributes import set_committed_value

from desk.accounts.models import Role, Staff
from desk.accounts.service import has_role
from desk.conversations.mentions import is_mentioned
from desk.conversations.models import Conversation, Message, Mode, Sender
from desk.errors import NotFound

_ID = re.compile(r"[0-9a-f]{32}")


@dataclass(slots=True)
class Head:
    """What a new message has to know of its conversation: the columns of these names.

    A turn of the bot reads it twice. Where somebody else is to speak, read the conversation
    itself (`locked`): changes to this are not written.
    """

    id: str
    mode: str
    assigned_to_id: int | None
    last_seq: int
    staff_read_seq: int
    is_traditional: bool
    source: str


# Built once: each turn asks these.
_BY_ID = select(Conversation).where(Conversation.id == bindparam("id"))
_LOCKED = (
    _BY_ID.with_for_update()
    .options(lazyload(Conversation.assigned_to))
    .execution_options(populate_existing=True)
)
"""On SQLite the whole transaction holds the lock."""
_MAPPER = class_mapper(Conversation)
_CONVERSATIONS = cast("Table", Conversation.__table__)
_HEAD = (
    select(*(_CONVERSATIONS.c[field.name] for field in fields(Head)))
    .where(_CONVERSATIONS.c.id == bindparam("id"))
    .with_for_update()
)
_MESSAGES = cast("Table", Message.__table__)
_BY_CLIENT_ID = select(_MESSAGES.c.id).where(
    _MESSAGES.c.conversation_id == bindparam("conversation_id"),
    _MESSAGES.c.client_id == bindparam("client_id"),
)
_INSERT_CONVERSATION = insert(_CONVERSATIONS)
_INSERT_MESSAGE = insert(_MESSAGES)
_NOTE = update(_CONVERSATIONS).where(_CONVERSATIONS.c.id == bindparam("conversation_id"))


def by_id(session: Session, conversation_id: str) -> Conversation:
    """Return the conversation of this id; raises `NotFound`."""
    return _found(session, _BY_ID, conversation_id)


def locked(session: Session, conversation_id: str) -> Conversation:
    """Return the conversation, locked until the end of the transaction; raises `NotFound`."""
    found = _found(session, _LOCKED, conversation_id)
    # Most are with nobody; the loader that the relationship names takes its time to find that out.
    agent = session.get(Staff, found.assigned_to_id) if found.assigned_to_id else None
    set_committed_value(found, "assigned_to", agent)
    return found


def locked_head(session: Session, conversation_id: str) -> Head:
    """As `locked`, past the session's objects, for who only adds messages."""
    row = None
    if _ID.fullmatch(conversation_id):
        row = session.connection().execute(_HEAD, {"id": conversation_id}).one_or_none()
    if row is None:
        raise NotFound("errors.conversation_not_found")
    return Head(*row)


def _found(session: Session, query: Select[Conversation], conversation_id: str) -> Conversation:
    found = None
    if _ID.fullmatch(conversation_id):
        found = session.scalar(query, {"id": conversation_id})
    if found is None:
        raise NotFound("errors.conversation_not_found")
    return found


def message_by_client_id(session: Session, conversation_id: str, client_id: str) -> Message | None:
    """Return the message that its sender gave this id."""
    values = {"conversation_id": conversation_id, "client_id": client_id}
    message_id = session.connection().scalar(_BY_CLIENT_ID, values)
    return None if message_id is None else session.get_one(Message, message_id)


def newest_from(
    session: Session, conversation_id: str, sender: Sender, *, with_buttons: bool = False
) -> Message | None:
    """Return the last message of this sender, or the last one that has buttons."""
    query = (
        select(Message)
        .where(Message.conversation_id == conversation_id, Message.sender == sender)
        .order_by(Message.seq.desc())
        .limit(1)
    )
    if with_buttons:
        query = query.where(sql_cast(Message.buttons, String) != "[]")
    return session.scalar(query)


def is_unhandled() -> ColumnElement[bool]:
    """Return the condition for messages that still wait for the bot."""
    return and_(Message.sender == Sender.CUSTOMER, Message.handled_at.is_(None))


_SETTLE = update(_MESSAGES).where(_MESSAGES.c.id == bindparam("message_id"), is_unhandled())


def insert_conversation(session: Session, head: Head, *, now: datetime) -> None:
    """Write a new conversation, past the session's unit of work."""
    columns = {name: getattr(head, name) for name in Head.__slots__}
    session.connection().execute(_INSERT_CONVERSATION, {**columns, "created_at": now})


def insert_message(session: Session, columns: Mapping[str, Any]) -> int:
    """Write a message, past the session's unit of work; return its id."""
    result = session.connection().execute(_INSERT_MESSAGE, columns)
    key: Any = result.inserted_primary_key
    return int(key.id)


def note(session: Session, conversation: Conversation | Head, **columns: Any) -> None:
    """Write these columns of a locked conversation, past the session's unit of work."""
    session.connection().execute(_NOTE, {"conversation_id": conversation.id, **columns})
    loaded: Any = conversation
    if isinstance(conversation, Head):
        for name in columns.keys() & set(Head.__slots__):
            setattr(conversation, name, columns[name])
        # Whoever has read the conversation itself in this session must not keep what it was.
        loaded = session.identity_map.get(_MAPPER.identity_key_from_primary_key((conversation.id,)))
    if loaded is not None:
        for name, value in columns.items():
            set_committed_value(loaded, name, value)


def settle(session: Session, message_id: int, *, now: datetime, **columns: Any) -> bool:
    """Take a waiting message from the bot and set these columns; tells whether it still waited."""
    values = {"message_id": message_id, "handled_at": now, **columns}
    return session.connection().execute(_SETTLE, values).rowcount == 1


def mark_all_handled(session: Session, conversation: Conversation, now: datetime) -> None:
    """Take all waiting messages of a conversation from the bot."""
    session.execute(
        update(Message)
        .where(Message.conversation_id == conversation.id, is_unhandled())
        .values(handled_at=now)
    )


def places_ahead(session: Session, conversation: Conversation) -> int:
    """Return how many waiting conversations come before this one."""
    if conversation.queued_at is None:
        return 0
    earlier = Conversation.queued_at < conversation.queued_at
    if conversation.is_urgent:
        before: ColumnElement[bool] = and_(Conversation.is_urgent, earlier)
    else:
        before = or_(Conversation.is_urgent, earlier)
    query = select(func.count()).where(
        Conversation.mode == Mode.QUEUED, before, Conversation.id != conversation.id
    )
    return session.scalar(query) or 0


def waiting(session: Session) -> Sequence[Conversation]:
    """Return the queue: urgent ones first, then by waiting time."""
    query = select(Conversation).where(Conversation.mode == Mode.QUEUED)
    return session.scalars(
        query.order_by(Conversation.is_urgent.desc(), Conversation.queued_at, Conversation.id)
    ).all()


def visible_to(staff: Staff) -> ColumnElement[bool]:
    """Return the condition for conversations this person may read.

    QA, supervisors and admins: all. Agents: waiting ones, their own, those they took part in, and
    those a colleague named them in.
    Departments: none.
    """
    if has_role(staff, Role.QA, Role.SUPERVISOR):
        return Conversation.id.is_not(None)
    if staff.role != Role.AGENT:
        return Conversation.id.is_(None)
    took_part = exists().where(
        Message.conversation_id == Conversation.id, Message.staff_id == staff.id
    )
    return or_(
        Conversation.mode == Mode.QUEUED,
        Conversation.assigned_to_id == staff.id,
        took_part,
        is_mentioned(staff),
    )


def is_visible(session: Session, conversation_id: str, staff: Staff) -> bool:
    """Tell whether this person may read the conversation."""
    query = select(Conversation.id).where(Conversation.id == conversation_id, visible_to(staff))
    return session.scalar(query) is not None


def last_customer_texts(session: Session, ids: Sequence[str]) -> dict[str, str]:
    """Return the customer's last text of each conversation."""
    newest = (
        select(Message.conversation_id, func.max(Message.seq).label("seq"))
        .where(Message.conversation_id.in_(ids), Message.sender == Sender.CUSTOMER)
        .group_by(Message.conversation_id)
        .subquery()
    )
    query = select(Message.conversation_id, Message.text).join(
        newest,
        and_(Message.conversation_id == newest.c.conversation_id, Message.seq == newest.c.seq),
    )
    return {row.conversation_id: row.text for row in session.execute(query)}
