"""Who speaks: hand-over, claim, transfer, hand-back, end and new start (R-G9).

Every change takes the conversation's lock, raises `version`, and tells the customer.
"""

from datetime import datetime

from sqlalchemy.orm import Session

from desk.accounts.models import Role, Staff
from desk.accounts.service import has_role, require
from desk.clock import utc_now
from desk.conversations import repository, waits
from desk.conversations.domain import MODE_AFTER, HandoverReason, Step
from desk.conversations.models import Conversation, Mode
from desk.conversations.writing import say
from desk.errors import Conflict, NotFound
from desk.locale import t
from desk.routing.groups import capacities, find_group, loads
from desk.routing.ledger import settle
from desk.routing.presence import state_of


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
    _wait(session, conversation, reason=known, urgent=urgent, now=now)
    wait = _place_in_words(session, conversation, now)
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
        Conflict: someone else has it, it does not wait, it changed since `expected_version`, or
            the agent has as many as one may hold (leaders may hold more).
    """
    require(agent, Role.AGENT, Role.SUPERVISOR)
    conversation = repository.locked(session, conversation_id)
    if conversation.assigned_to_id == agent.id:
        return conversation
    if conversation.assigned_to is not None:
        # Not NotFound: whoever comes second saw it in the queue a moment ago.
        raise Conflict("errors.conversation_taken", agent=conversation.assigned_to.display_name)
    check_visible(session, conversation_id, agent)
    if conversation.mode != Mode.QUEUED:
        raise Conflict("errors.conversation_not_waiting")
    if expected_version is not None and conversation.version != expected_version:
        raise Conflict("errors.conversation_changed")
    now = now or utc_now()
    _check_room(session, agent, now)
    _take(session, conversation, agent, now)
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
    _check_can_speak(successor)
    if conversation.assigned_to_id == successor.id:
        return conversation
    _pass_to(session, conversation, successor, now or utc_now())
    return conversation


def transfer_to_group(
    session: Session,
    conversation_id: str,
    agent: Staff,
    group_id: int,
    *,
    now: datetime | None = None,
) -> Conversation:
    """Put a conversation from its agent (or by a supervisor) back in the queue, for a group.

    The group is asked first; if nobody there takes it, others are.

    Raises:
        NotFound: no such group.
        Conflict: the conversation is not with (this) agent.
    """
    conversation = _held(session, conversation_id, agent)
    group, now = find_group(session, group_id), now or utc_now()
    _move(session, conversation, Step.PASS_ON, now=now)
    conversation.group_id = group.id
    # Whoever passes it on is not to be asked first because they had it last.
    conversation.last_agent_id = None
    _wait(session, conversation, reason=HandoverReason.PASSED_ON, urgent=False, now=now)
    wait = _place_in_words(session, conversation, now)
    say(session, conversation, "chat.handover.passed_on", now=now, wait=wait)
    return conversation


def put_back(session: Session, conversation: Conversation, *, now: datetime) -> None:
    """Put a conversation whose agent is gone back in the queue; the customer is told.

    It is as urgent as it was. The caller holds the lock. Should its agent be back when it is
    given out, they are asked first, as whoever had the customer last.
    """
    before = waits.latest(session, conversation.id)
    is_urgent = before is not None and before.is_urgent
    _move(session, conversation, Step.PASS_ON, now=now)
    _wait(session, conversation, reason=HandoverReason.AGENT_GONE, urgent=is_urgent, now=now)
    wait = _place_in_words(session, conversation, now)
    say(session, conversation, "chat.handover.agent_gone", now=now, wait=wait)


def step_in(
    session: Session, conversation_id: str, leader: Staff, *, now: datetime | None = None
) -> Conversation:
    """Let a leader speak to the customer from now on, whoever spoke before; the customer is told.

    Raises:
        Forbidden: not a leader.
        Conflict: the conversation has ended.
    """
    require(leader, Role.SUPERVISOR)
    conversation, now = repository.locked(session, conversation_id), now or utc_now()
    if conversation.assigned_to_id == leader.id:
        return conversation
    if conversation.mode == Mode.BOT:
        _move(session, conversation, Step.HAND_OVER, now=now)
        _wait(session, conversation, reason=HandoverReason.OTHER, urgent=False, now=now)
    if conversation.mode == Mode.QUEUED:
        _take(session, conversation, leader, now)
    elif conversation.mode == Mode.AGENT:
        _pass_to(session, conversation, leader, now)
    else:
        raise Conflict("errors.conversation_changed")
    return conversation


def give_to(
    session: Session,
    conversation_id: str,
    leader: Staff,
    agent: Staff,
    *,
    now: datetime | None = None,
) -> Conversation:
    """Give a waiting conversation, or one that somebody has, to an agent, as a leader wishes.

    Raises:
        Forbidden: not a leader.
        Conflict: the agent can't hold conversations, or this one neither waits nor is held.
    """
    require(leader, Role.SUPERVISOR)
    conversation = repository.locked(session, conversation_id)
    if conversation.mode != Mode.QUEUED:
        return transfer_to(session, conversation_id, leader, agent, now=now)
    _check_can_speak(agent)
    _take(session, conversation, agent, now or utc_now())
    return conversation


def give_up(session: Session, conversation: Conversation, *, now: datetime) -> None:
    """Take a conversation that nobody took out of the queue; the bot speaks again.

    The caller holds the lock, has opened a ticket for it, and tells the customer.
    """
    waits.end(session, conversation.id, now, outcome="call_back")
    _move(session, conversation, Step.GIVE_UP, now=now)


def hand_back(
    session: Session, conversation_id: str, agent: Staff, *, now: datetime | None = None
) -> Conversation:
    """Let the bot speak again. Its agent or a supervisor may do it.

    Raises:
        Conflict: the conversation is not with (this) agent.
    """
    conversation = _held(session, conversation_id, agent)
    now = now or utc_now()
    waits.end(session, conversation.id, now)
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
    waits.end(session, conversation.id, now)
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
    check_visible(session, conversation_id, staff)
    return conversation


def check_visible(session: Session, conversation_id: str, staff: Staff) -> None:
    """Raise `NotFound` unless this person may read the conversation."""
    if not repository.is_visible(session, conversation_id, staff):
        raise NotFound("errors.conversation_not_found")


def _seen(session: Session, conversation_id: str, staff: Staff) -> Conversation:
    conversation = repository.locked(session, conversation_id)
    check_visible(session, conversation_id, staff)
    return conversation


def _held(session: Session, conversation_id: str, agent: Staff) -> Conversation:
    require(agent, Role.AGENT, Role.SUPERVISOR)
    conversation = _seen(session, conversation_id, agent)
    is_holder = conversation.assigned_to_id == agent.id
    if conversation.mode != Mode.AGENT or (agent.role == Role.AGENT and not is_holder):
        raise Conflict("errors.conversation_not_yours")
    return conversation


def _check_can_speak(agent: Staff) -> None:
    if not has_role(agent, Role.AGENT, Role.SUPERVISOR) or not agent.is_active:
        raise Conflict("errors.agent_unavailable")


def _check_room(session: Session, agent: Staff, now: datetime) -> None:
    """Keep an agent from taking more than one may hold; leaders step in where they must."""
    if agent.role != Role.AGENT:
        return
    # Two windows of one agent wait for each other here.
    state_of(session, agent.id, now)
    limit = capacities(session, [agent.id])[agent.id]
    if loads(session).get(agent.id, 0) >= limit:
        raise Conflict("errors.chat_limit_reached", limit=limit)


def _wait(
    session: Session,
    conversation: Conversation,
    *,
    reason: HandoverReason,
    urgent: bool,
    now: datetime,
) -> None:
    conversation.queue_reason, conversation.queued_at = reason, now
    conversation.is_urgent = urgent
    waits.end(session, conversation.id, now)
    waits.begin(session, conversation, reason=reason, now=now)


def _place_in_words(session: Session, conversation: Conversation, now: datetime) -> str:
    ahead = repository.places_ahead(session, conversation)
    if not ahead:
        return t("chat.wait_next")
    minutes = waits.minutes_told(session, ahead + 1, now)
    if minutes is None:
        return t("chat.wait_ahead", ahead=ahead)
    return t("chat.wait_ahead_about", ahead=ahead, minutes=minutes)


def _take(session: Session, conversation: Conversation, agent: Staff, now: datetime) -> None:
    """Give a waiting conversation to an agent and greet the customer."""
    waits.take(session, conversation, agent.id, now)
    settle(session, conversation.id, taker_id=agent.id, now=now)
    state_of(session, agent.id, now).took_at = now
    _move(session, conversation, Step.CLAIM, agent=agent, now=now)
    say(session, conversation, "chat.claimed", now=now, staff=agent, agent=agent.display_name)


def _pass_to(session: Session, conversation: Conversation, agent: Staff, now: datetime) -> None:
    _move(session, conversation, Step.TRANSFER, agent=agent, now=now)
    values = {"agent": agent.display_name}
    say(session, conversation, "chat.transferred", now=now, staff=agent, **values)


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
    if conversation.mode == Mode.QUEUED:
        settle(session, conversation.id, now=now)
    conversation.mode = mode
    conversation.assigned_to = session.merge(agent, load=False) if agent else None
    conversation.version += 1
    if agent:
        conversation.last_agent_id = agent.id
    if mode != Mode.QUEUED:
        conversation.queued_at, conversation.is_urgent = None, False
        conversation.group_id = None
    session.flush()
