"""Customers' questions that the script library leaves to the agents (R-G10).

Once a day the questions that agents answered are put to the suggester again: where it finds
nothing (`none`), or the agent wrote something else than what was offered (`own`), the question is
noted and grouped with alike ones, for somebody to write a script.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from desk.accounts.models import Role, Staff
from desk.accounts.service import require
from desk.conversations.models import Message, Sender
from desk.errors import NotFound
from desk.reviews.models import SuggestionUse
from desk.reviews.quality_models import DrawKind, QuestionGap
from desk.reviews.sampling import claim_draw, due_stretch
from scripts_library.suggesting.words import words_of

MOST_QUESTIONS = 2000
FEWEST_CHARACTERS = 4
KEY_WORDS = 4
EXAMPLES = 5
ALIKE = 0.4
"""Share of common words (Jaccard) from which two questions belong together."""


@dataclass(frozen=True, slots=True)
class Question:
    """A customer's question that an agent answered, with or without a script."""

    message_id: int
    conversation_id: str
    text: str
    intent: str | None
    with_script: bool


@dataclass(frozen=True, slots=True)
class Stretch:
    """The questions of one run."""

    kind: str
    day: date
    since: datetime
    until: datetime
    questions: tuple[Question, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """What the suggester had for a question: nothing, or something the agent did not use."""

    question: Question
    kind: str
    topic: str | None
    key: str


@dataclass(frozen=True, slots=True)
class GapGroup:
    """Alike questions: how many of each kind, some of them as asked, and their ids."""

    topic: str | None
    none: int
    own: int
    examples: tuple[str, ...]
    ids: tuple[int, ...]

    @property
    def total(self) -> int:
        """How many questions."""
        return self.none + self.own


def unread(session: Session, *, now: datetime) -> Stretch | None:
    """Return the questions since the last run; None if today's run is made."""
    due = due_stretch(session, DrawKind.GAPS, now)
    if due is None:
        return None
    day, since, until = due
    answer = aliased(Message)
    query = (
        select(Message, answer.created_at)
        .join(
            answer,
            (answer.conversation_id == Message.conversation_id) & (answer.seq == Message.seq + 1),
        )
        .where(
            Message.sender == Sender.CUSTOMER,
            Message.payload.is_(None),
            answer.sender == Sender.AGENT,
            answer.created_at > since,
            answer.created_at <= until,
        )
        .order_by(Message.id.desc())
        .limit(MOST_QUESTIONS)
    )
    rows = session.execute(query).all()
    used = _used(session, since, until)
    questions = tuple(
        Question(
            message.id,
            message.conversation_id,
            message.text,
            message.intent,
            (message.conversation_id, answered_at) in used,
        )
        for message, answered_at in rows
        if len(message.text.strip()) >= FEWEST_CHARACTERS
    )
    return Stretch(DrawKind.GAPS, day, since, until, questions)


def find(
    questions: Sequence[Question],
    topic_of: Callable[[str, str | None], str | None],
    knows: Callable[[str], bool],
) -> list[Found]:
    """Return the gaps among questions; no database.

    Args:
        questions: those answered with a script are passed over.
        topic_of: the topic of the best suggestion for a text and its intent; None if there is none.
        knows: whether the script library has a word; other words never get into a key.
    """
    found = []
    for one in questions:
        if one.with_script:
            continue
        topic = topic_of(one.text, one.intent)
        words = Counter(word for word in words_of(one.text) if word != "#" and knows(word))
        key = "|".join(sorted(word for word, _ in words.most_common(KEY_WORDS)))
        found.append(Found(one, "own" if topic else "none", topic or one.intent, key[:200]))
    return found


def store(session: Session, stretch: Stretch, found: Sequence[Found], *, seed: str) -> int:
    """Keep what was found; return how many, 0 if another process made today's run."""
    size = len(stretch.questions)
    draw = claim_draw(session, stretch, seed, population=size, drawn=len(found))
    if draw is None:
        return 0
    session.add_all(
        QuestionGap(
            message_id=one.question.message_id,
            kind=one.kind,
            topic=one.topic,
            key=one.key,
            found_at=stretch.until,
            state="open",
        )
        for one in found
    )
    session.flush()
    return len(found)


def groups(session: Session, staff: Staff, *, limit: int = 100) -> list[GapGroup]:
    """Return open gaps in groups of alike questions, the largest first.

    Raises:
        Forbidden: neither QA nor a leader.
    """
    require(staff, Role.QA, Role.SUPERVISOR)
    query = select(QuestionGap).where(QuestionGap.state == "open")
    rows = session.scalars(query.order_by(QuestionGap.id.desc()).limit(MOST_QUESTIONS)).all()
    gathered: list[tuple[str | None, frozenset[str], list[QuestionGap]]] = []
    for gap in rows:
        words = frozenset(filter(None, gap.key.split("|")))
        group = next(
            (own for topic, known, own in gathered if topic == gap.topic and _alike(words, known)),
            None,
        )
        if group is None:
            gathered.append((gap.topic, words, [gap]))
        else:
            group.append(gap)
    found = [_group(topic, own) for topic, _, own in gathered]
    return sorted(found, key=lambda one: (-one.total, one.ids))[:limit]


def count_open(session: Session) -> int:
    """Return how many questions wait."""
    query = select(func.count()).select_from(QuestionGap).where(QuestionGap.state == "open")
    return session.scalar(query) or 0


def settle(session: Session, staff: Staff, ids: Sequence[int], *, is_written: bool) -> int:
    """Take questions off the list, because a script is being written or none is needed.

    Raises:
        Forbidden: neither QA nor a leader.
        NotFound: none of them is open.
    """
    require(staff, Role.QA, Role.SUPERVISOR)
    query = select(QuestionGap).where(QuestionGap.id.in_(ids), QuestionGap.state == "open")
    rows = session.scalars(query).all()
    if not rows:
        raise NotFound("errors.gap_not_found")
    for gap in rows:
        gap.state = "written" if is_written else "dismissed"
        gap.decided_by_id = staff.id
    session.flush()
    return len(rows)


def _used(session: Session, since: datetime, until: datetime) -> set[tuple[str, datetime]]:
    query = select(SuggestionUse.conversation_id, SuggestionUse.created_at).where(
        SuggestionUse.outcome.in_(("used", "edited")),
        SuggestionUse.created_at > since,
        SuggestionUse.created_at <= until,
    )
    return {(conversation_id, at) for conversation_id, at in session.execute(query)}


def _alike(words: frozenset[str], others: frozenset[str]) -> bool:
    if not words or not others:
        return words == others
    return len(words & others) / len(words | others) >= ALIKE


def _group(topic: str | None, gaps: Sequence[QuestionGap]) -> GapGroup:
    kinds = Counter(gap.kind for gap in gaps)
    examples = dict.fromkeys(gap.message.text for gap in gaps)
    return GapGroup(
        topic=topic,
        none=kinds["none"],
        own=kinds["own"],
        examples=tuple(list(examples)[:EXAMPLES]),
        ids=tuple(gap.id for gap in gaps),
    )
