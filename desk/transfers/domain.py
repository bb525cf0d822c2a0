"""The course of a transfer: which step may be taken where, and who takes it. Pure rules."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

MATTER_LIMIT = 2000
TEXT_LIMIT = 2000
LATEST_REQUIRED = timedelta(days=366)
"""A department is never given longer than this."""


class Step(StrEnum):
    """What can be done with a transfer that was sent."""

    ACCEPT = "accept"
    ASK_BACK = "ask_back"
    ANSWER = "answer"
    PROGRESS = "progress"
    PROPOSE = "propose"
    APPROVE = "approve"
    RETURN = "return"
    CANCEL = "cancel"
    PRESS = "press"


class Side(StrEnum):
    """Who takes a step: the department, the desk that sent the transfer, or who leads it."""

    DEPARTMENT = "department"
    DESK = "desk"
    LEADERS = "leaders"


@dataclass(frozen=True, slots=True)
class Move:
    """A step: from which states, to which one (None: it stays), by whom."""

    before: frozenset[str]
    after: str | None
    side: Side


MOVES: dict[Step, Move] = {
    Step.ACCEPT: Move(frozenset({"sent"}), "accepted", Side.DEPARTMENT),
    Step.ASK_BACK: Move(frozenset({"accepted"}), "asked_back", Side.DEPARTMENT),
    Step.ANSWER: Move(frozenset({"asked_back"}), "accepted", Side.DESK),
    Step.PROGRESS: Move(frozenset({"accepted"}), None, Side.DEPARTMENT),
    Step.PROPOSE: Move(frozenset({"accepted"}), "proposed", Side.DEPARTMENT),
    Step.APPROVE: Move(frozenset({"proposed"}), "done", Side.DESK),
    Step.RETURN: Move(frozenset({"proposed"}), "accepted", Side.DESK),
    Step.CANCEL: Move(
        frozenset({"sent", "accepted", "asked_back", "proposed"}), "cancelled", Side.DESK
    ),
    Step.PRESS: Move(frozenset({"sent", "accepted"}), None, Side.LEADERS),
}
OPEN_STATES = MOVES[Step.CANCEL].before
"""The transfer is still under way."""
WORKING_STATES = MOVES[Step.PRESS].before
"""It is the department's turn: only then a transfer can be late."""


def may_step(state: str, step: Step) -> bool:
    """Tell whether a step may be taken in a state, whoever takes it."""
    return state in MOVES[step].before


def state_after(state: str, step: Step) -> str:
    """Return the state that a step leads to; the same one for progress and pressing."""
    return MOVES[step].after or state


def is_overdue(state: str, required_by: datetime, now: datetime) -> bool:
    """Tell whether the department owes its feedback and is late."""
    return state in WORKING_STATES and required_by < now


def is_possible_time(required_by: datetime, now: datetime) -> bool:
    """Tell whether a required feedback time lies ahead, and not absurdly far."""
    return now < required_by <= now + LATEST_REQUIRED


def moved_by_waiting(required_by: datetime, asked_at: datetime, now: datetime) -> datetime:
    """Return the required time after an answer: later by as long as the department waited."""
    return required_by + max(now - asked_at, timedelta())
