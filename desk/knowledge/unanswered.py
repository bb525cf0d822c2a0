"""What customers asked and the bot could not answer: found, grouped by wording, settled.

Read from the messages each time it is looked at: nothing of it is stored but what was decided.
Every text that leaves this module has the customers' data masked.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import Session

from desk.accounts.models import Staff
from desk.accounts.service import require
from desk.catalog.intents import ANY_WORDING, SMALL_TALK
from desk.catalog.search_text import fold
from desk.catalog.service import wordings
from desk.clock import utc_now
from desk.conversations.domain import clean_text
from desk.conversations.models import Message, Sender
from desk.errors import InvalidInput, NotFound
from desk.knowledge.listing import EDIT_ROLES
from desk.knowledge.masking import mask_text, names_in
from desk.knowledge.models import Outcome, UnansweredDecision
from desk.locale import t
from desk.tickets.models import Ticket
from scripts_library.suggesting.words import words_of

NOT_UNDERSTOOD = (ANY_WORDING, "nlu_fallback")
UNSURE = 0.55
"""Understood with less confidence than this counts as guessed (own choice). Below 0.4 the bot
asks back by itself (`config.yml`)."""
MOST_MESSAGES = 3000
FEWEST_CHARACTERS = 2
ALIKE = 0.5
"""Share of common words (Jaccard) from which two messages belong together."""
WORDINGS = 8
BEFORE, AFTER = 3, 2
REASON_LIMIT = 200

Kind = Literal["unknown", "unsure", "no_data"]
KINDS: tuple[Kind, ...] = ("unknown", "no_data", "unsure")


@dataclass(frozen=True, slots=True)
class Unanswered:
    """A message that was not answered: not understood, guessed, or without data (a ticket)."""

    message_id: int
    text: str
    intent: str | None
    kind: Kind
    at: datetime


@dataclass(slots=True)
class Group:
    """Alike messages. `wordings` and `example` (the newest one) are masked; `intent` is what they
    were understood as most often, None if as nothing."""

    example: str
    example_id: int
    last_at: datetime
    intent: str | None
    kinds: Counter[str]
    wordings: list[str]
    message_ids: list[int] = field(default_factory=list)

    @property
    def total(self) -> int:
        """How many messages."""
        return len(self.message_ids)


@dataclass(frozen=True, slots=True)
class ContextLine:
    """A line of the talk around a message, masked."""

    sender: str
    text: str
    is_it: bool


def groups(
    session: Session,
    staff: Staff,
    *,
    days: int = 30,
    kinds: Collection[str] = KINDS,
    now: datetime | None = None,
) -> list[Group]:
    """Return what was not answered in the last days, the most frequent first. What an approved
    answer names as a wording by now is left out.

    Raises:
        Forbidden: no keeper of the catalogue.
    """
    require(staff, *EDIT_ROLES)
    since = (now or utc_now()) - timedelta(days=days)
    found = {**_tickets(session, since), **_messages(session, since)}
    with_questions = wordings(session, with_questions=True)
    alone = wordings(session, with_questions=False)
    chosen = [
        one
        for one in found.values()
        if one.kind in kinds
        and (with_questions if one.kind == "unknown" else alone).find(one.text) is None
    ]
    chosen.sort(key=lambda one: -one.message_id)
    return gather(chosen[:MOST_MESSAGES])


def gather(found: Iterable[Unanswered]) -> list[Group]:
    """Put alike messages together; the newest come first and give their group its example."""
    gathered: list[tuple[frozenset[str], list[Unanswered]]] = []
    by_text: dict[str, int] = {}
    by_word: dict[str, set[int]] = defaultdict(set)
    for one in found:
        folded = fold(one.text)
        place = by_text.get(folded)
        if place is None:
            words = frozenset(word for word in words_of(one.text) if word != "#")
            near = Counter(index for word in words for index in by_word[word])
            place = next(
                (
                    index
                    for index, common in near.most_common()
                    if common / len(words | gathered[index][0]) >= ALIKE
                ),
                None,
            )
            if place is None:
                place = len(gathered)
                gathered.append((words, []))
                for word in words:
                    by_word[word].add(place)
            by_text[folded] = place
        gathered[place][1].append(one)
    made = [_group(members) for _, members in gathered]
    return sorted(made, key=lambda group: (-group.total, -group.last_at.timestamp()))


def context(session: Session, staff: Staff, message_id: int) -> list[ContextLine]:
    """Return the talk around a message.

    Raises:
        Forbidden, NotFound: no keeper of the catalogue, or no such message of a customer.
    """
    require(staff, *EDIT_ROLES)
    message = _customers(session, [message_id])[0]
    shown = Message.seq.between(message.seq - BEFORE, message.seq + AFTER)
    query = select(Message).where(
        Message.conversation_id == message.conversation_id,
        shown,
        Message.sender.in_((Sender.CUSTOMER, Sender.BOT, Sender.AGENT)),
    )
    lines = session.scalars(query.order_by(Message.seq)).all()
    names = names_in(line.text for line in lines if line.sender == Sender.CUSTOMER)
    return [
        ContextLine(line.sender, mask_text(line.text, names), line.id == message_id)
        for line in lines
    ]


def settle(
    session: Session,
    staff: Staff,
    message_ids: Sequence[int],
    outcome: Outcome,
    *,
    reason: str = "",
    now: datetime | None = None,
) -> int:
    """Take messages off the list; returns how many were on it. Dismissing needs a reason.

    Raises:
        Forbidden, NotFound: no keeper of the catalogue, or no such messages of customers.
        InvalidInput: dismissed without a reason.
    """
    require(staff, *EDIT_ROLES)
    text = clean_text(reason)
    if outcome == Outcome.DISMISSED and not 0 < len(text) <= REASON_LIMIT:
        raise InvalidInput("errors.unanswered_reason", field="reason", limit=REASON_LIMIT)
    ids = [message.id for message in _customers(session, message_ids)]
    settled = select(UnansweredDecision.message_id).where(UnansweredDecision.message_id.in_(ids))
    left = set(ids) - set(session.scalars(settled))
    at = now or utc_now()
    session.add_all(
        UnansweredDecision(
            message_id=one, outcome=outcome, reason=text or None, staff_id=staff.id, at=at
        )
        for one in left
    )
    session.flush()
    return len(left)


def _messages(session: Session, since: datetime) -> dict[int, Unanswered]:
    """What was not understood, or only guessed. What a button said was understood."""
    is_unsure = and_(
        Message.confidence < UNSURE, Message.intent.not_in((*SMALL_TALK, *NOT_UNDERSTOOD))
    )
    query = _open(select(Message), since).where(
        Message.payload.is_(None), or_(Message.intent.in_(NOT_UNDERSTOOD), is_unsure)
    )
    rows = session.scalars(query.order_by(Message.id.desc()).limit(MOST_MESSAGES))
    return {
        row.id: Unanswered(
            row.id,
            row.text,
            None if row.intent in NOT_UNDERSTOOD else row.intent,
            "unknown" if row.intent in NOT_UNDERSTOOD else "unsure",
            row.created_at,
        )
        for row in rows
        if _says_something(row.text)
    }


def _tickets(session: Session, since: datetime) -> dict[int, Unanswered]:
    """What became an inquiry ticket: the customer's last words before it was opened."""
    last = (
        select(func.max(Message.id))
        .where(
            Message.conversation_id == Ticket.conversation_id,
            Message.sender == Sender.CUSTOMER,
            Message.payload.is_(None),
            Message.created_at <= Ticket.created_at,
        )
        .correlate(Ticket)
        .scalar_subquery()
    )
    columns: tuple[Any, ...] = (Message, Ticket.intent)
    joined = select(*columns).join(Ticket, Message.id == last)
    query = _open(joined, since).where(Ticket.kind == "inquiry", Ticket.created_at >= since)
    rows = session.execute(query.order_by(Message.id.desc()).limit(MOST_MESSAGES))
    return {
        row.id: Unanswered(row.id, row.text, intent or row.intent, "no_data", row.created_at)
        for row, intent in rows
        if _says_something(row.text)
    }


def _open(query: Select[Any], since: datetime) -> Select[Any]:
    is_settled = select(UnansweredDecision.message_id).where(
        UnansweredDecision.message_id == Message.id
    )
    return query.where(
        Message.sender == Sender.CUSTOMER,
        Message.created_at >= since,
        Message.text != t("privacy.erased"),
        ~is_settled.exists(),
    )


def _says_something(text: str) -> bool:
    return sum(letter.isalnum() for letter in text) >= FEWEST_CHARACTERS


def _group(members: Sequence[Unanswered]) -> Group:
    newest = members[0]
    intents = Counter(one.intent for one in members if one.intent)
    masked = dict.fromkeys(mask_text(one.text) for one in members[: WORDINGS * 4])
    return Group(
        example=next(iter(masked)),
        example_id=newest.message_id,
        last_at=newest.at,
        intent=intents.most_common(1)[0][0] if intents else None,
        kinds=Counter(one.kind for one in members),
        wordings=list(masked)[:WORDINGS],
        message_ids=[one.message_id for one in members],
    )


def _customers(session: Session, ids: Sequence[int]) -> Sequence[Message]:
    wanted = [one for one in ids if 0 < one < 2**31][:MOST_MESSAGES]
    query = select(Message).where(Message.id.in_(wanted), Message.sender == Sender.CUSTOMER)
    found = session.scalars(query).all()
    if not found:
        raise NotFound("errors.unanswered_not_found")
    return found
