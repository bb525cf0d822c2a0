"""Photos in a conversation: made ready, stored as messages, put to the matter they belong to.

A photo is decoded and written anew (`desk.tickets.files`): neither where it was taken nor anything
hidden behind the picture is kept. One message holds one photo. Functions with a session work in
the caller's transaction and never commit.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from PIL import Image
from sqlalchemy import func, select
from sqlalchemy.orm import InstrumentedAttribute, Session, undefer

from desk.accounts.models import Role, Staff
from desk.accounts.service import require
from desk.clock import utc_now
from desk.conversations import repository
from desk.conversations.models import ChatPhoto, Conversation, Message, Mode, Sender
from desk.conversations.speakers import reopen, seen_by
from desk.conversations.writing import Line, append, earlier_message, in_script_of
from desk.errors import Conflict, InvalidInput, NotFound
from desk.locale import t
from desk.tickets.chat_photos import attach_to_open_ticket
from desk.tickets.files import SCAN_TYPE, check_file

COUNT_LIMIT = 60
"""Photos of one conversation."""
THUMBNAIL_SIDE = 480
"""Longest side of the small picture in the list of messages, in pixels."""


@dataclass(frozen=True, slots=True)
class ReadyPhoto:
    """A photo that may be stored; `sha256` is that of the file as it was sent."""

    content: bytes
    thumbnail: bytes
    media_type: str
    width: int
    height: int
    sha256: str


@dataclass(frozen=True, slots=True)
class AddedPhoto:
    """A stored photo's message; `is_new` is False when a retry found the first one."""

    message: Message
    is_new: bool


def make_ready(content: bytes) -> ReadyPhoto:
    """Return a photo as it is to be kept. A large one takes up to half a second.

    Raises:
        InvalidInput: empty, too large, too many pixels, broken, or no JPEG, PNG or WebP photo.
    """
    file = check_file("photo", content)
    if file.media_type == SCAN_TYPE:
        raise InvalidInput("errors.photo_type", field="file")
    with Image.open(io.BytesIO(file.content)) as photo:
        width, height = photo.size
        small = photo.convert("RGBA" if photo.has_transparency_data else "RGB")
    small.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE))
    out = io.BytesIO()
    small.save(out, "WEBP", quality=80)
    return ReadyPhoto(file.content, out.getvalue(), file.media_type, width, height, file.sha256)


def add_customer_photo(
    session: Session,
    conversation_id: str,
    *,
    client_id: str,
    photo: ReadyPhoto,
    now: datetime | None = None,
) -> AddedPhoto:
    """Store a customer's photo once, however often it is sent.

    A complaint or repair of this conversation that is still in work gets it at once; otherwise
    the next one that is opened does. While the bot speaks, the desk answers for it: the bot reads
    words only. A closed conversation begins again.

    Raises:
        InvalidInput: a malformed `client_id`.
        Conflict: as many photos as a conversation may have.
    """
    now = now or utc_now()
    conversation = repository.locked(session, conversation_id)
    earlier = earlier_message(session, conversation, client_id, Sender.CUSTOMER)
    if earlier:
        return AddedPhoto(earlier, is_new=False)
    if conversation.mode == Mode.CLOSED:
        reopen(session, conversation, now=now)
    line = _line(session, conversation, photo, client_id=client_id, now=now)
    message = append(session, conversation, Sender.CUSTOMER, line, now=now, last_customer_at=now)
    ticket = attach_to_open_ticket(session, message.photos[0], now=now)
    if conversation.mode == Mode.BOT:
        number = ticket.number if ticket else None
        _answer(session, conversation, number=number, now=now)
    return AddedPhoto(message, is_new=True)


def add_agent_photo(
    session: Session,
    conversation_id: str,
    agent: Staff,
    *,
    client_id: str,
    photo: ReadyPhoto,
    now: datetime | None = None,
) -> AddedPhoto:
    """Store an agent's photo once.

    Raises:
        Conflict: the conversation is not assigned to this agent, or has too many photos.
    """
    require(agent, Role.AGENT, Role.SUPERVISOR)
    now = now or utc_now()
    conversation = repository.locked(session, conversation_id)
    earlier = earlier_message(session, conversation, client_id, Sender.AGENT)
    if earlier:
        return AddedPhoto(earlier, is_new=False)
    if conversation.mode != Mode.AGENT or conversation.assigned_to_id != agent.id:
        raise Conflict("errors.conversation_not_yours")
    line = _line(session, conversation, photo, client_id=client_id, staff=agent, now=now)
    return AddedPhoto(append(session, conversation, Sender.AGENT, line, now=now), is_new=True)


def photo_for_customer(
    session: Session, conversation_id: str, photo_id: str, *, is_small: bool
) -> tuple[bytes, str]:
    """Return picture and media type of a photo of this conversation; raises `NotFound`."""
    return _picture(_found(session, photo_id, conversation_id, is_small), is_small)


def photo_for_staff(
    session: Session, staff: Staff, photo_id: str, *, is_small: bool
) -> tuple[bytes, str]:
    """Return picture and media type of a photo in a conversation this person may read; otherwise
    raises `NotFound`."""
    photo = _found(session, photo_id, None, is_small)
    seen_by(session, staff, photo.conversation_id)
    return _picture(photo, is_small)


def _line(
    session: Session,
    conversation: Conversation,
    photo: ReadyPhoto,
    *,
    client_id: str,
    now: datetime,
    staff: Staff | None = None,
) -> Line:
    if _count(session, conversation) >= COUNT_LIMIT:
        raise Conflict("errors.too_many_photos", limit=COUNT_LIMIT)
    stored = ChatPhoto(
        id=uuid4().hex,
        conversation_id=conversation.id,
        media_type=photo.media_type,
        width=photo.width,
        height=photo.height,
        size=len(photo.content),
        sha256=photo.sha256,
        content=photo.content,
        thumbnail=photo.thumbnail,
        created_at=now,
    )
    text = in_script_of(conversation, t("chat.photo"))
    return Line(text, staff=staff, client_id=client_id, photos=[stored], handled_at=now)


def _answer(
    session: Session, conversation: Conversation, *, number: str | None, now: datetime
) -> None:
    """Say what becomes of the photo; the bot's open question keeps its quick replies."""
    asked = repository.newest_from(session, conversation.id, Sender.BOT)
    text = t("chat.photo_attached", number=number) if number else t("chat.photo_kept")
    buttons: Sequence[dict[str, str]] = asked.buttons if asked else ()
    line = Line(in_script_of(conversation, text), buttons=buttons)
    append(session, conversation, Sender.SYSTEM, line, now=now)


def _count(session: Session, conversation: Conversation) -> int:
    query = select(func.count()).where(ChatPhoto.conversation_id == conversation.id)
    return session.scalar(query) or 0


def _found(
    session: Session, photo_id: str, conversation_id: str | None, is_small: bool
) -> ChatPhoto:
    wanted = _column(is_small)
    query = select(ChatPhoto).where(ChatPhoto.id == photo_id).options(undefer(wanted))
    if conversation_id is not None:
        query = query.where(ChatPhoto.conversation_id == conversation_id)
    photo = session.scalar(query)
    if photo is None:
        raise NotFound("errors.photo_not_found")
    return photo


def _picture(photo: ChatPhoto, is_small: bool) -> tuple[bytes, str]:
    return (photo.thumbnail, "image/webp") if is_small else (photo.content, photo.media_type)


def _column(is_small: bool) -> InstrumentedAttribute[bytes]:
    return ChatPhoto.thumbnail if is_small else ChatPhoto.content
