"""Who speaks: hand-over, claim, transfer, hand-back, end and new start (R-G9).

Every change takes the conversation's lock, raises `version`, and tells the customer.
"""

from datetime import datetime

from sqlalchemy.orm import Session

from desk.accounts.models import Role, Staff
from desk.accounts.service import require
from desk.clock import utc_now
from desk.conversations import repository
from desk.conversations.domain import MODE_AFTER, HandoverReason, Step
from desk.conversations.models import Conversation, Mode
from desk.conversations.writing import say
from desk.errors import Conflict, NotFound
from desk.locale import t


def request_handover(
    session: Session,
    conversation_id: str,
    *,
    reason: str,
    urgent: bool = False,
    now: datetime | None = None,
) -> Conversation:
    """Put the conversation in the queue. Calling it again changes nothing but can make it urgent.

    A conversation that an agent has, or that is closed, stays as it is.
    """
    conversation = repository.locked(session, conversation_id)
    enqueue(session, conversation, reason=reason, urgent=urgent, now=now or utc_now())
    return conversation


def enqueue(
    session: Session, conversation: Conversation, *, reason: str, urgent: bool, now: datetime
) -> bool:
    """As `request_handover`, for a conversation already locked; tells if the mode changed."""
    if conversation.mode == Mode.QUEUED and urgent and not conversation.is_urgent:
        conversation.is_urgent = True
        conversation.version += 1
    if conversation.mode != Mode.BOT:
        return False
    known = HandoverReason.parse(reason)
    _move(session, conversation, Step.HAND_OVER, now=now)
    conversation.queue_reason, conversation.queued_at = known, now
    conversation.is_urgent = urgent
    session.flush()
    ahead = repository.places_ahead(session, conversation)
    wait = t("chat.wait_ahead", ahead=ahead) if ahead else t("chat.wait_next")
    say(session, conversation, f"chat.handover.{known}", now=now, wait=wait)
    return True


def claim(
    session: Session,
    conversation_id: str,
    agent: Staff,
    *,
    expected_version: int | None = None,
    now: datetime | None = None,
) -> Conversation:
    """Give a waiting conversation to this agent; claiming one's own again changes nothing.

    Raises:
        Forbidden: not an agent or supervisor.
        Conflict: someone else has it, it does not wait, or it changed since `expected_version`.
    """
    require(agent, Role.AGENT, Role.SUPERVISOR)
    conversation = repository.locked(session, conversation_id)
    if conversation.assigned_to_id == agent.id:
        return conversation
    if conversation.assigned_to is not None:
        # Not NotFound: whoever comes second saw it in the queue a moment ago.
        raise Conflict("errors.conversation_taken", agent=conversation.assigned_to.display_name)
    _check_visible(session, conversation, agent)
    if conversation.mode != Mode.QUEUED:
        raise Conflict("errors.conversation_not_waiting")
    if expected_version is not None and conversation.version != expected_version:
        raise Conflict("errors.conversation_changed")
    now = now or utc_now()
    _move(session, conversation, Step.CLAIM, agent=agent, now=now)
    say(session, conversation, "chat.claimed", now=now, staff=agent, agent=agent.display_name)
    return conversation


def transfer_to(
    session: Session,
    conversation_id: str,
    agent: Staff,
    successor: Staff,
    *,
    now: datetime | None = None,
) -> Conversation:
    """Give a conversation from its agent (or by a supervisor) to another agent."""
    conversation = _held(session, conversation_id, agent)
    if successor.role not in {Role.AGENT, Role.SUPERVISOR} or not successor.is_active:
        raise Conflict("errors.agent_unavailable")
    if conversation.assigned_to_id == successor.id:
        return conversation
    now = now or utc_now()
    _move(session, conversation, Step.TRANSFER, agent=successor, now=now)
    values = {"agent": successor.display_name}
    say(session, conversation, "chat.transferred", now=now, staff=successor, **values)
    return conversation


def hand_back(
    session: Session, conversation_id: str, agent: Staff, *, now: datetime | None = None
) -> Conversation:
    """Let the bot speak again. Its agent or a supervisor may do it.

    Raises:
        Conflict: the conversation is not with (this) agent.
    """
    conversation = _held(session, conversation_id, agent)
    now = now or utc_now()
    _move(session, conversation, Step.HAND_BACK, now=now)
    say(session, conversation, "chat.handed_back", now=now)
    return conversation


def close(
    session: Session, conversation_id: str, agent: Staff, *, now: datetime | None = None
) -> Conversation:
    """End the conversation; ending a closed one changes nothing. A new message reopens it.

    Its agent may do it; a supervisor may end any.
    """
    require(agent, Role.AGENT, Role.SUPERVISOR)
    conversation = _seen(session, conversation_id, agent)
    if conversation.mode == Mode.CLOSED:
        return conversation
    if agent.role == Role.AGENT and conversation.assigned_to_id != agent.id:
        raise Conflict("errors.conversation_not_yours")
    now = now or utc_now()
    _move(session, conversation, Step.CLOSE, now=now)
    conversation.closed_at = now
    say(session, conversation, "chat.closed", now=now)
    return conversation


def reopen(session: Session, conversation: Conversation, *, now: datetime) -> None:
    """Begin a closed conversation again, with the bot. The caller holds the lock."""
    _move(session, conversation, Step.REOPEN, now=now)
    conversation.closed_at = None
    say(session, conversation, "chat.reopened", now=now)


def seen_by(session: Session, staff: Staff, conversation_id: str) -> Conversation:
    """Return the conversation if this person may read it; otherwise raises `NotFound`."""
    conversation = repository.by_id(session, conversation_id)
    _check_visible(session, conversation, staff)
    return conversation


def _seen(session: Session, conversation_id: str, staff: Staff) -> Conversation:
    conversation = repository.locked(session, conversation_id)
    _check_visible(session, conversation, staff)
    return conversation


def _check_visible(session: Session, conversation: Conversation, staff: Staff) -> None:
    if not repository.is_visible(session, conversation, staff):
        raise NotFound("errors.conversation_not_found")


def _held(session: Session, conversation_id: str, agent: Staff) -> Conversation:
    require(agent, Role.AGENT, Role.SUPERVISOR)
    conversation = _seen(session, conversation_id, agent)
    is_holder = conversation.assigned_to_id == agent.id
    if conversation.mode != Mode.AGENT or (agent.role == Role.AGENT and not is_holder):
        raise Conflict("errors.conversation_not_yours")
    return conversation


def _move(
    session: Session,
    conversation: Conversation,
    step: Step,
    *,
    now: datetime,
    agent: Staff | None = None,
) -> None:
    """Change the mode. What still waited for the bot is taken from it: people have it now."""
    mode = MODE_AFTER.get((conversation.mode, step))
    if mode is None:
        raise Conflict("errors.conversation_changed")
    if conversation.mode == Mode.BOT:
        repository.mark_all_handled(session, conversation, now)
    conversation.mode = mode
    conversation.assigned_to = session.merge(agent, load=False) if agent else None
    conversation.version += 1
    if mode != Mode.QUEUED:
        conversation.queued_at, conversation.is_urgent = None, False
    session.flush()
