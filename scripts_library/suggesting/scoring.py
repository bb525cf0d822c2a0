"""The weights of the logistic sum that scores a suggestion, and what intent and step add to it."""

from collections.abc import Mapping
from math import exp, inf

from scripts_library.suggesting.script import complaint_topics, topic_names
from scripts_library.suggesting.suggestion import SuggestionContext

THRESHOLD = 0.20
"""Least probability that a topic fits; the guide says what it lets through and keeps out."""
BIAS = -1.7
TOPIC = 1.5
EVIDENCE = 1.2
INTENT = 4.5
OTHER_INTENT = -0.6
STEP = 4.5
STATE_STEP = 1.5
INSIDE_TOPIC = 2.5
"""Weights of the logistic sum: the first five fitted on 600 own questions kept out of training, a
third of them with an intent that was wrong in one case of seven; the rest set by hand."""

CLOSE = 8.0
CLOSE_FROM = 0.5
"""A question nearly word for word in the library fits, whatever its topic's probability."""

STATE_STEPS: Mapping[str, frozenset[str]] = {
    "new": frozenset({"promise", "restate", "ask_event", "ask_wish"}),
    "open": frozenset({"promise", "transfer", "progress"}),
    "assigned": frozenset({"promise", "transfer", "progress"}),
    "transferred": frozenset({"transfer", "progress"}),
    "in_progress": frozenset({"progress", "promise"}),
    "waiting_department": frozenset({"progress"}),
    "waiting_customer": frozenset({"progress", "ask_event"}),
    "overdue": frozenset({"apology", "progress", "escalate"}),
    "escalated": frozenset({"escalate", "progress"}),
    "resolved": frozenset({"result", "survey"}),
    "answered": frozenset({"result", "survey"}),
    "reopened": frozenset({"apology", "escalate", "promise"}),
    "closed": frozenset({"survey", "farewell"}),
}
"""Steps that suit the state of the conversation's ticket; an unknown state says nothing."""

OPENING = 1.0
OPENING_STEPS = frozenset(
    {"greeting", "calm", "apology", "ask_event", "ask_place", "ask_time", "ask_order"}
)
CLOSING_STEPS = frozenset(
    {"result", "refusal", "survey", "farewell", "restate", "progress", "escalate", "transfer"}
)
"""At the start of a complaint without a ticket: calm and ask first, close nothing."""

GENERAL_TOPIC = "file_complaint"
"""Its scripts serve the steps of every complaint."""

CATCH_ALL = "other"
OFF_SUBJECT = "out_of_scope"
"""Its scripts decline; they are offered only if the caller says that the message is off the
subject: an honest "nothing fits" is better than refusing a question we only failed to find."""


def probability(logit: float) -> float:
    """Return the probability of a logit."""
    return 1 / (1 + exp(-min(max(logit, -50.0), 50.0)))


def intent_credit(topic: str, context: SuggestionContext) -> float:
    """Return what the recognised intent adds to the logit of a topic; -inf rules it out."""
    intent = context.intent
    if intent == topic:
        return INTENT
    if topic == OFF_SUBJECT and context.step is None:
        return -inf
    if context.step is not None and topic == GENERAL_TOPIC:
        return STATE_STEP
    if intent is None or intent not in topic_names():
        return 0.0
    if intent == GENERAL_TOPIC and topic in complaint_topics():
        return INTENT / 2 if topic == CATCH_ALL else INTENT
    return OTHER_INTENT


def among_complaints(found: Mapping[str, float]) -> dict[str, float]:
    """Share out the probability of complaining at all: which category is it, if it is one?

    The catch-all gets no share: what fits no category is served by the scripts of every complaint.
    """
    named = complaint_topics() - {CATCH_ALL}
    categories = {topic: found.get(topic, 0.0) for topic in named}
    complaining = found.get(GENERAL_TOPIC, 0.0) + sum(categories.values())
    sure = sum(categories.values()) + 0.02
    shared = {topic: complaining * part / sure for topic, part in categories.items()}
    return {**found, **shared}


def step_credits(context: SuggestionContext) -> dict[str, float]:
    """Return what each step gains or loses in the situation."""
    credits = dict.fromkeys(STATE_STEPS.get(context.ticket_state or "", frozenset()), STATE_STEP)
    if context.intent == GENERAL_TOPIC and not context.ticket_state and not context.step:
        credits |= dict.fromkeys(OPENING_STEPS, OPENING)
        credits |= dict.fromkeys(CLOSING_STEPS, -2 * OPENING)
    if context.step:
        credits[context.step] = STEP
    return credits
