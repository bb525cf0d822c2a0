"""Sends agents' replies through the wording check (R-C6)."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from sqlalchemy import select
from sqlalchemy.orm import Session

from desk.accounts.models import Role, Staff
from desk.accounts.service import require
from desk.clock import utc_now
from desk.conversations import service as conversations
from desk.conversations.domain import clean_text
from desk.conversations.drafts import drop_draft
from desk.conversations.models import Conversation, Message, Mode
from desk.errors import Conflict, InvalidInput
from desk.escalation.promises import heed_reply
from desk.reviews.edits import outcome_of
from desk.reviews.models import FlaggedReply, Outcome, SuggestionUse
from scripts_library.checking.verdict import Severity, Verdict

REASON_LIMIT = 500


class Checks(Protocol):
    """The wording check."""

    def check(self, text: str) -> Verdict:
        """Return what is wrong with a text."""


class ReplyStatus(StrEnum):
    """What became of a reply: sent, to be rewritten, or to be confirmed with a reason."""

    SENT = "sent"
    BLOCKED = "blocked"
    NEEDS_REASON = "needs_reason"


@dataclass(frozen=True, slots=True)
class ReplyResult:
    """The status with what was found; `message` only when sent, `verdict` None on a retry."""

    status: ReplyStatus
    conversation: Conversation
    message: Message | None
    verdict: Verdict | None


def send_reply(
    session: Session,
    checker: Checks,
    conversation_id: str,
    agent: Staff,
    *,
    client_id: str,
    text: str,
    override_reason: str | None = None,
    script_id: str | None = None,
    suggested: str | None = None,
    now: datetime | None = None,
) -> ReplyResult:
    """Check a reply and send it, unless it must be rewritten or confirmed.

    `block` is never sent, `warn` only with a reason; both leave a `FlaggedReply` for QA (a
    warning once it is sent, a block at each new try). Hints neither stop nor are recorded.
    A retry of a sent reply changes nothing. What the reply promises becomes a commitment, the
    sender's draft is forgotten. `script_id` says which suggestion it began with, `suggested` how
    that read: the ledger keeps how far the reply is from it.

    Raises:
        Conflict: the conversation is not this agent's.
        InvalidInput: empty or too long.
    """
    now = now or utc_now()
    conversation = _own_conversation(session, conversation_id, agent)
    earlier = conversations.sent_before(session, conversation, client_id)
    if earlier:
        return ReplyResult(ReplyStatus.SENT, conversation, earlier, None)
    if conversation.mode != Mode.AGENT or conversation.assigned_to_id != agent.id:
        raise Conflict("errors.conversation_not_yours")
    text = conversations.message_text(text)
    reason = _reason(override_reason)
    verdict = checker.check(text)
    attempt = _Attempt(conversation.id, conversation.last_seq, agent, text, verdict, now)
    if verdict.worst == Severity.BLOCK:
        _record_block(session, attempt)
        return ReplyResult(ReplyStatus.BLOCKED, conversation, None, verdict)
    if verdict.worst == Severity.WARN and not reason:
        return ReplyResult(ReplyStatus.NEEDS_REASON, conversation, None, verdict)
    added = conversations.add_agent_message(
        session, conversation_id, agent, client_id=client_id, text=text, now=now
    )
    if verdict.worst == Severity.WARN:
        session.add(_flagged(attempt, Outcome.SENT, added.message.id, reason))
    if script_id:
        _note_use(session, attempt, script_id, suggested)
    drop_draft(session, agent, conversation_id)
    session.flush()
    heed_reply(
        session,
        conversation_id=conversation.id,
        message_id=added.message.id,
        text=text,
        promises=verdict.promises,
        agent=agent,
        now=now,
    )
    return ReplyResult(ReplyStatus.SENT, conversation, added.message, verdict)


@dataclass(frozen=True, slots=True)
class _Attempt:
    conversation_id: str
    after_seq: int
    agent: Staff
    text: str
    verdict: Verdict
    at: datetime


def _own_conversation(session: Session, conversation_id: str, agent: Staff) -> Conversation:
    require(agent, Role.AGENT, Role.SUPERVISOR)
    return conversations.seen_by(session, agent, conversation_id)


def _reason(override_reason: str | None) -> str:
    reason = clean_text(override_reason or "")
    if len(reason) > REASON_LIMIT:
        raise InvalidInput("errors.reason_too_long", field="override_reason", limit=REASON_LIMIT)
    return reason


def _record_block(session: Session, attempt: _Attempt) -> None:
    """Store a blocked try, but the same text at the same place only once."""
    same = select(FlaggedReply.id).where(
        FlaggedReply.conversation_id == attempt.conversation_id,
        FlaggedReply.agent_id == attempt.agent.id,
        FlaggedReply.after_seq == attempt.after_seq,
        FlaggedReply.outcome == Outcome.BLOCKED,
        FlaggedReply.text == attempt.text,
    )
    if session.scalar(same) is None:
        session.add(_flagged(attempt, Outcome.BLOCKED, None, ""))
        session.flush()


def _flagged(
    attempt: _Attempt, outcome: Outcome, message_id: int | None, reason: str
) -> FlaggedReply:
    flags = attempt.verdict.flags
    categories = sorted({flag.category for flag in flags})
    return FlaggedReply(
        conversation_id=attempt.conversation_id,
        message_id=message_id,
        after_seq=attempt.after_seq,
        agent_id=attempt.agent.id,
        text=attempt.text,
        flags=[flag.to_dict() for flag in flags],
        categories=f"|{'|'.join(categories)}|",
        worst=max(flag.severity for flag in flags).label,
        ruleset_version=attempt.verdict.ruleset_version,
        outcome=outcome,
        override_reason=reason or None,
        created_at=attempt.at,
    )


def _note_use(session: Session, attempt: _Attempt, script_id: str, suggested: str | None) -> None:
    """Write into the ledger what became of a suggestion: used, edited, or left for own words."""
    found = ("used", None) if suggested is None else outcome_of(suggested, attempt.text)
    if found is None:
        return
    outcome, distance = found
    session.add(
        SuggestionUse(
            conversation_id=attempt.conversation_id,
            script_id=script_id[:64],
            staff_id=attempt.agent.id,
            outcome=outcome,
            edit_distance=distance,
            created_at=attempt.at,
        )
    )
