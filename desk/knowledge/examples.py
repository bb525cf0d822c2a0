"""Examples for the next training: proposed, approved by another, written to a file for people.

Nothing here reaches the model by itself: `kefu knowledge export` writes the approved ones to
`data/nlu/reviewed.yml`, which a person reads, commits and trains.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from desk.accounts.models import Staff
from desk.accounts.service import require
from desk.audit.actions import Action
from desk.audit.trail import record
from desk.catalog.intents import intent_names
from desk.catalog.search_text import fold
from desk.clock import utc_now
from desk.conversations.domain import clean_text
from desk.errors import Conflict, Forbidden, InvalidInput, NotFound
from desk.knowledge.editing import flush
from desk.knowledge.listing import EDIT_ROLES
from desk.knowledge.masking import has_personal_data
from desk.knowledge.models import ExampleState, TrainingExample
from desk.locale import t
from desk.settings import PROJECT_DIR

NLU_DIR = PROJECT_DIR / "data" / "nlu"
REVIEWED = NLU_DIR / "reviewed.yml"
TEXT_LIMIT = 100
_INTENT = re.compile(r"\s*- intent: *(\S+)")
_EXAMPLE = re.compile(r" {4,}- (.+)")
_MARKUP = re.compile(r"[\[\]{}〔〕]")
"""Signs that Rasa reads as an entity, and those of a masked text."""


def propose(
    session: Session,
    staff: Staff,
    text: str,
    intent: str,
    *,
    message_id: int | None = None,
    folder: Path = NLU_DIR,
    now: datetime | None = None,
) -> TrainingExample:
    """Put an example on the list for another to approve.

    Raises:
        Forbidden: no keeper of the catalogue.
        InvalidInput: no intent of the bot, too long or nothing said, a customer's data in it.
        Conflict: it is among the training data or on the list; names the intent.
    """
    require(staff, *EDIT_ROLES)
    example = " ".join(clean_text(text).split())
    if intent not in intent_names():
        raise InvalidInput("errors.example_intent", field="intent")
    if not 2 <= len(example) <= TEXT_LIMIT:
        raise InvalidInput("errors.example_length", field="text", limit=TEXT_LIMIT)
    if _MARKUP.search(example) or has_personal_data(example):
        raise InvalidInput("errors.example_personal", field="text")
    folded = fold(example)
    known = known_examples(folder).get(folded)
    if known:
        raise Conflict("errors.example_known", intent=intent_names().get(known, known))
    row = session.scalar(select(TrainingExample).where(TrainingExample.folded == folded))
    if row is not None and row.state != ExampleState.REJECTED:
        raise Conflict("errors.example_listed", intent=intent_names().get(row.intent, row.intent))
    if row is None:
        row = TrainingExample(folded=folded)
        session.add(row)
    row.text, row.intent, row.message_id = example, intent, message_id
    row.state, row.author_id, row.created_at = ExampleState.PROPOSED, staff.id, now or utc_now()
    row.decided_by_id = row.decided_at = None
    flush(session)
    return row


def decide(
    session: Session,
    staff: Staff,
    example_id: int,
    *,
    is_approved: bool,
    now: datetime | None = None,
) -> TrainingExample:
    """Approve an example for the file, or not; one's own only to take it back.

    Raises:
        Forbidden: no keeper of the catalogue, or approving one's own.
        NotFound, Conflict: no such example, or decided.
    """
    require(staff, *EDIT_ROLES)
    row = session.get(TrainingExample, example_id) if 0 < example_id < 2**31 else None
    if row is None:
        raise NotFound("errors.example_not_found")
    if row.state != ExampleState.PROPOSED:
        raise Conflict("errors.example_settled")
    if is_approved and row.author_id == staff.id:
        raise Forbidden("errors.example_second_person")
    row.state = ExampleState.APPROVED if is_approved else ExampleState.REJECTED
    row.decided_by_id, row.decided_at = staff.id, now or utc_now()
    flush(session)
    thing, done = f"example {row.id}", "approved" if is_approved else "rejected"
    record(session, staff.login, Action.EXAMPLE_DECIDED, thing, done=done)
    return row


def listed(
    session: Session, staff: Staff, state: ExampleState, *, limit: int = 500
) -> Sequence[TrainingExample]:
    """Return examples of a state, the oldest first; raises `Forbidden`."""
    require(staff, *EDIT_ROLES)
    query = select(TrainingExample).where(TrainingExample.state == state)
    return session.scalars(query.order_by(TrainingExample.id).limit(limit)).all()


def approved_file(session: Session) -> str:
    """Return the approved examples as a file of Rasa's training data; the caller checks the role.

    Sorted by intent and text, so that the same examples give the same file.
    """
    query = select(TrainingExample).where(TrainingExample.state == ExampleState.APPROVED)
    by_intent: dict[str, list[str]] = {}
    for row in session.scalars(query):
        by_intent.setdefault(row.intent, []).append(row.text)
    return as_yaml(by_intent)


def as_yaml(by_intent: Mapping[str, Iterable[str]]) -> str:
    """Return training data in Rasa's form."""
    lines = [f"# {t('knowledge.file_head')}", 'version: "3.1"']
    lines.append("nlu:" if by_intent else "nlu: []")
    for intent, examples in sorted(by_intent.items()):
        lines += [f"  - intent: {intent}", "    examples: |"]
        lines += [f"      - {text}" for text in sorted(examples)]
    return "\n".join(lines) + "\n"


def known_examples(folder: Path = NLU_DIR) -> dict[str, str]:
    """Return the examples that people wrote by hand, folded, with their intent."""
    files = sorted(path for path in folder.glob("*.yml") if path.name != REVIEWED.name)
    return dict(_read_all(tuple((str(path), path.stat().st_mtime_ns) for path in files)))


@lru_cache(maxsize=2)
def _read_all(files: tuple[tuple[str, int], ...]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, _changed_at in files:
        intent = None
        for line in Path(name).read_text(encoding="utf-8").splitlines():
            if heading := _INTENT.match(line):
                intent = heading[1]
            elif intent and (example := _EXAMPLE.match(line)):
                found[fold(plain_example(example[1]))] = intent
    return found


def plain_example(text: str) -> str:
    """Return an example without Rasa's marks of entities: `[云栖](estate)` is 「云栖」."""
    return re.sub(r"\[([^\]]*)\](?:\([^)]*\)|\{[^}]*\})", r"\1", text)
