"""One question on its way to an answer, and the inquiry ticket when there is none."""

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from actions.base import Button, Say, conversation_in, source_key
from actions.labels import INTENT_LABELS
from actions.turn import Turn
from desk.tickets.domain import NewTicket
from desk.tickets.service import open_ticket
from desk.tickets.view import due_text

MAX_TOPIC = 60


@dataclass(frozen=True, slots=True)
class Asked:
    """A question of a turn.

    Attributes:
        intent: what is asked.
        text: the words of this question (plain).
        turn: the whole turn, for entities and slots.
    """

    intent: str
    text: str
    turn: Turn


@dataclass(frozen=True, slots=True)
class Answer:
    """What is said to one question and remembered from it. `is_open`: it waits for a choice."""

    says: tuple[Say, ...]
    slots: dict[str, Any] = field(default_factory=dict)
    is_open: bool = False


def fact(text: str, record: str) -> Say:
    """Return a fact with the record it stands in."""
    return Say("utter_fact", {"fact": text.rstrip("。；;"), "record": record})


def choice(title: str, intent: str, **entities: str) -> Button:
    """Return a button that asks `intent` with fixed entities."""
    import json

    values = json.dumps(entities, ensure_ascii=False) if entities else ""
    return {"title": title, "payload": f"/{intent}{values}"}


def unknown(session: Session, asked: Asked, about: str = "") -> Answer:
    """Say that our data have no answer and open an inquiry ticket with its time (R-A4, R-A5).

    Args:
        session: the turn's transaction.
        asked: the question.
        about: the record that lacks the fact, e.g. a home's name.
    """
    label = INTENT_LABELS.get(asked.intent, "这个问题")
    topic = f"{about}的{label}" if about else label
    words = asked.text or asked.turn.slots.get("pending_text") or ""
    ticket = open_ticket(
        session,
        NewTicket(
            kind="inquiry",
            description=f"咨询{topic}：{words}" if words else f"咨询{topic}",
            conversation_id=conversation_in(session, asked.turn),
            source_key=source_key(asked.turn, asked.intent),
            intent=asked.intent,
        ),
    )
    values = {"topic": topic[:MAX_TOPIC], "number": ticket.number, "due": due_text(ticket.due_at)}
    return Answer((Say("utter_inquiry_opened", values),), {"offer_ticket": ticket.number})
