"""What customers do themselves in the chat: see, take back, export and delete their own data.

The conversation's capability opens what was said and taken down in it. What was registered
elsewhere under the same phone needs a code sent to that phone.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from desk.audit.actions import Action
from desk.audit.trail import record
from desk.clock import to_local
from desk.conversations.models import ChatPhoto, Conversation, Message, Sender
from desk.conversations.writing import in_script_of, say
from desk.errors import InvalidInput, NotFound, TooManyRequests
from desk.locale import t
from desk.outbox.codes import can_send_codes, send_code
from desk.privacy import erasure
from desk.privacy.consent import consents_of
from desk.privacy.models import Consent
from desk.privacy.own_data import own_data
from desk.privacy.subject import Subject, find_subject, normal_phone
from desk.privacy.withdrawal import take_back
from desk.tickets.domain import mask_email, mask_name, mask_phone
from desk.tickets.models import Ticket, TicketState
from desk.tickets.progress import TRY_WINDOW, ask_progress
from desk.tickets.view import kind_name, state_name

ACTOR = "customer"


@dataclass(frozen=True, slots=True)
class Done:
    """What came of a wish: in words, and the conversations whose listeners and whose bot must
    learn of it after the commit."""

    text: str
    changed: tuple[str, ...] = ()
    forgotten: tuple[str, ...] = ()


def ask_for_code(session: Session, conversation_id: str, phone: str, *, now: datetime) -> bool:
    """Have a code sent to a phone, see `desk.outbox.codes.send_code`.

    Raises:
        NotFound: this installation sends no text messages.
        InvalidInput: it is no phone number.
    """
    if not can_send_codes():
        raise NotFound("errors.not_found")
    number = normal_phone(phone)
    return send_code(session, conversation_id=conversation_id, phone=number, now=now)


def is_phone_theirs(
    session: Session, conversation_id: str, phone: str, code: str, *, now: datetime
) -> InvalidInput | TooManyRequests | None:
    """Tell whether the code shows that the phone is theirs; a failure counts as one of asking for
    a ticket's progress does.

    Returns:
        None, or the error to raise after the commit: the failure must be counted.
    """
    found = ask_progress(
        session,
        conversation_id=conversation_id,
        phone=normal_phone(phone),
        proof=code.strip() or "-",
        by_code=True,
        now=now,
    )
    if found.is_locked:
        seconds = int(TRY_WINDOW.total_seconds())
        return TooManyRequests("errors.own_data_locked", retry_after_s=seconds)
    return None if found.tickets else InvalidInput("errors.own_data_code", field="code")


def overview(session: Session, conversation_id: str, phone: str | None = None) -> dict[str, Any]:
    """Return in words what is stored: `sections` (each `title`, `lines`), and whether there is a
    consent to take back (`has_consent`) and a phone can be checked (`can_check_phone`).

    Args:
        phone: one that was shown to be theirs; also what was registered under it.
    """
    subject = _subject(session, conversation_id, phone)
    consents = _consents(session, subject)
    parts = {
        "talk": _talk_lines(session, subject),
        "tickets": [line for ticket in subject.tickets for line in _ticket_lines(ticket)],
        "consent": [_consent_line(one) for one in consents],
    }
    talk = session.get_one(Conversation, conversation_id)
    return {
        "sections": [
            {
                "title": in_script_of(talk, t(f"own_data.section_{name}")),
                "lines": [in_script_of(talk, line) for line in lines]
                or [in_script_of(talk, t(f"own_data.none_{name}"))],
            }
            for name, lines in parts.items()
        ],
        "has_consent": any(one.withdrawn_at is None for one in consents),
        "can_check_phone": can_send_codes(),
    }


def export(session: Session, conversation_id: str, phone: str | None = None) -> dict[str, Any]:
    """Return everything, for the customer to keep; recorded."""
    subject = _subject(session, conversation_id, phone)
    record(
        session,
        ACTOR,
        Action.EXPORTED,
        "own data",
        tickets=len(subject.tickets),
        conversations=len(subject.conversations),
    )
    return own_data(session, subject)


def withdraw_own(
    session: Session, conversation_id: str, phone: str | None = None, *, now: datetime
) -> Done:
    """Take the consent back; the chat says so too, for whoever works on the matter."""
    subject = _subject(session, conversation_id, phone)
    done = take_back(session, subject, now=now)
    count, kept = done.consents, len(done.kept)
    record(session, ACTOR, Action.CONSENT_WITHDRAWN, "consent", at=now, count=count, kept=kept)
    talk = session.get_one(Conversation, conversation_id)
    say(session, talk, "own_data.said_withdrawn", now=now)
    parts = [t("own_data.done_withdrawn")]
    if done.cleared:
        parts.append(t("own_data.done_contact_cleared", count=done.cleared))
    if done.kept:
        parts.append(t("own_data.done_contact_kept", numbers="、".join(done.kept)))
    # The bot still has the answers of its forms in mind.
    ids = tuple(subject.conversation_ids)
    return Done(in_script_of(talk, "".join(parts)), changed=(talk.id,), forgotten=ids)


def erase_own(
    session: Session, conversation_id: str, phone: str | None = None, *, now: datetime
) -> Done:
    """Delete what may be deleted; the request waits for the rest."""
    talk = session.get_one(Conversation, conversation_id)
    subjects = [find_subject(session, conversation_id=conversation_id)]
    if phone and (more := _of_phone(session, phone)):
        subjects.append(more)
    kept: dict[str, None] = {}
    cleared: dict[str, None] = {}
    is_talking = False
    for subject in subjects:
        reason = t("own_data.reason")
        _, outcome = erasure.request_erasure(session, subject, actor=ACTOR, reason=reason, now=now)
        kept |= dict.fromkeys(outcome.kept)
        cleared |= dict.fromkeys(outcome.cleared_conversations)
        is_talking = is_talking or (outcome.kept_conversations > 0 and not outcome.kept)
    parts = [t("own_data.done_erased" if not kept and not is_talking else "own_data.done_begun")]
    if kept:
        parts.append(t("own_data.done_kept", numbers="、".join(kept)))
    if is_talking:
        parts.append(t("own_data.done_talking"))
    text = in_script_of(talk, "".join(parts))
    return Done(text, changed=tuple(cleared), forgotten=tuple(cleared))


def _subject(session: Session, conversation_id: str, phone: str | None) -> Subject:
    own = find_subject(session, conversation_id=conversation_id)
    more = _of_phone(session, phone) if phone else None
    return own.with_all_of(more) if more else own


def _of_phone(session: Session, phone: str) -> Subject | None:
    try:
        return find_subject(session, phone=phone)
    except NotFound:
        return None


def _consents(session: Session, subject: Subject) -> list[Consent]:
    return consents_of(
        session,
        conversation_ids=subject.conversation_ids,
        ticket_ids=subject.ticket_ids,
        phone_index=subject.phone_index,
    )


def _talk_lines(session: Session, subject: Subject) -> list[str]:
    lines = []
    for talk in subject.conversations:
        said = Message.conversation_id == talk.id
        counted = (
            select(func.count()).select_from(Message).where(said, Message.sender != Sender.NOTE)
        )
        messages = session.scalar(counted) or 0
        photos = session.scalar(
            select(func.count()).select_from(ChatPhoto).where(ChatPhoto.conversation_id == talk.id)
        )
        day = _day(talk.created_at)
        lines.append(t("own_data.talk", day=day, messages=messages, photos=photos or 0))
    return lines


def _ticket_lines(ticket: Ticket) -> list[str]:
    state = state_name(ticket.state)
    lines = [t("own_data.ticket", number=ticket.number, kind=kind_name(ticket.kind), state=state)]
    shown = (
        mask_name(ticket.customer_name),
        mask_phone(ticket.phone),
        mask_email(ticket.email),
        ticket.room and "***",
    )
    contact = "、".join(one for one in shown if one)
    if contact and not ticket.has_consent and ticket.state != TicketState.CLOSED:
        lines.append(t("own_data.contact_until_settled", contact=contact))
    elif contact:
        lines.append(t("own_data.contact", contact=contact))
    return lines


def _consent_line(consent: Consent) -> str:
    given = _day(consent.given_at)
    if consent.withdrawn_at is None:
        return t("own_data.consent", day=given, version=consent.version)
    over = _day(consent.withdrawn_at)
    return t("own_data.consent_over", day=given, version=consent.version, over=over)


def _day(instant: datetime) -> str:
    local = to_local(instant)
    return f"{local.year}年{local.month}月{local.day}日"
