"""Reads the parts of a complaint or a repair from any message."""

from collections.abc import Mapping, Sequence
from typing import Any

from actions.forms.view import SKIPPED, FormView
from actions.parsing.channels import CHANNELS, read_channel
from actions.parsing.matters import has_chinese, has_more, has_words, is_matter, read_wish
from actions.parsing.replies import (
    is_anonymous,
    is_correction,
    is_edit,
    is_no,
    is_refusal,
    is_skip,
    is_yes,
    named_field,
)
from scripts_library.reading.emails import read_email
from scripts_library.reading.names import read_name
from scripts_library.reading.phones import PhoneReading, read_phone
from scripts_library.reading.places import Place, merge, read_place
from scripts_library.reading.times import told_time

SURE = 0.6
LONGEST_TIME = 30
LONGEST_CORRECTION = 25
CONFIRM = "case_confirmed"
_PLACE_PARTS = ("estate", "building", "unit", "room", "spot")


def place_of(values: Mapping[str, Any]) -> Place:
    """Return the place in a form's slots; an empty one if none is known."""
    stored = values.get("case_place")
    if not isinstance(stored, dict):
        return Place()
    # Talks stored before places had a spot hold the public place as `note`.
    stored = {"spot": stored.get("note"), **stored}
    return Place(**{name: stored.get(name) for name in _PLACE_PARTS})


def place_tries(values: Mapping[str, Any]) -> int:
    """Return how often the customer answered the question for the place."""
    stored = values.get("case_place")
    return int(stored.get("tries") or 0) if isinstance(stored, dict) else 0


def as_slot(place: Place, tries: int) -> dict[str, Any]:
    """Return a place as a slot's value."""
    return {**{name: getattr(place, name) for name in _PLACE_PARTS}, "tries": tries}


def may_replace(view: FormView, slot: str) -> bool:
    """Tell whether a value already there may change: corrected, asked again, or at the end."""
    return (
        view.values.get(slot) in (None, SKIPPED)
        or view.requested in (slot, CONFIRM)
        or is_correction(view.plain)
    )


def read_consent(view: FormView) -> bool | None:
    """Return whether the customer agrees that personal data is stored."""
    if view.turn.button in ("consent_yes", "consent_no"):
        return view.turn.button == "consent_yes"
    if is_anonymous(view.plain):
        return False
    if not view.asks("case_consent"):
        return None
    return yes_or_no(view)


def yes_or_no(view: FormView) -> bool | None:
    """Return the yes or no of a short message; None if it is neither."""
    if is_yes(view.plain):
        return True
    if is_no(view.plain):
        return False
    is_sure = view.turn.confidence >= SURE and bool(view.turn.text) and len(view.plain) <= 10
    return (
        view.turn.intent == "affirm" if is_sure and view.turn.intent in ("affirm", "deny") else None
    )


def read_matter(view: FormView) -> str | None:
    """Return what happened, as written: the first message that says it, whatever was asked."""
    text = view.plain
    if _is_short_answer(text):
        return None
    if view.asks(CONFIRM):
        return _supplemented(view)
    if view.values.get("case_matter"):
        return None
    if view.asks("case_matter"):
        return view.turn.text if has_chinese(text, 3) and has_more(text, 2) else None
    is_other_answer = view.requested in ("case_wish", "case_name", "case_phone", "case_time")
    is_told = is_matter(text) and has_more(text) and not is_other_answer
    return view.turn.text if is_told else None


def _supplemented(view: FormView) -> str | None:
    """Return the matter with what the customer adds when asked to confirm."""
    text = view.plain
    is_short = len(text) <= LONGEST_CORRECTION and (
        is_correction(text) or named_field(text) or read_channel(text) or read_email(text)
    )
    if is_short or not is_matter(text) or not has_more(text, 6):
        return None
    return f"{view.value('case_matter') or ''}；补充：{view.turn.text}"


def _is_short_answer(text: str) -> bool:
    return not text or is_yes(text) or is_no(text) or is_skip(text) or is_edit(text)


def read_case_place(view: FormView, estates: Sequence[str]) -> dict[str, Any] | None:
    """Return the place with what the message adds or corrects."""
    is_asked = view.asks("case_place")
    new = read_place(view.plain, estates, is_asked=is_asked)
    if not new.estate:
        known = view.turn.first("estate")
        new = merge(new, Place(estate=known if known in estates else None))
    old = place_of(view.values)
    if not new and old.spot and is_correction(view.plain):
        # 「不对，是6楼」 names no building: it is that of the floor it corrects.
        new = Place(spot=read_place(view.plain, is_asked=True).spot)
    if not new:
        return None
    merged = merge(old, new) if may_replace(view, "case_place") else merge(new, old)
    # The same place said again still answers the question.
    return (
        as_slot(merged, place_tries(view.values) + is_asked) if merged != old or is_asked else None
    )


def read_case_time(view: FormView) -> str | None:
    """Return when it happened, as told."""
    text, is_asked = view.plain, view.asks("case_time")
    if not may_replace(view, "case_time") or _is_short_answer(text):
        return None
    if view.asks(CONFIRM) and named_field(text) != "case_time":
        return None
    if view.requested in ("case_wish", "case_place", "case_name", "case_phone"):
        return None
    told = told_time(text, is_asked=is_asked)
    if told or not is_asked:
        return told
    return text if len(text) <= LONGEST_TIME and has_words(text) and has_more(text) else None


def read_case_wish(view: FormView) -> str | None:
    """Return what the customer wants."""
    text = view.plain
    if not may_replace(view, "case_wish") or _is_short_answer(text):
        return None
    if view.asks("case_wish") and (is_refusal(text) or read_name(text)):
        return None  # 「姓李，电话就不留了」 answers what is asked next
    if view.asks("case_wish"):
        # The name of an estate alone says where, not what.
        beyond = text.replace(view.turn.first("estate") or "\0", " ")
        return text[:500] if has_words(text) and has_more(beyond, 2) else None
    if view.asks(CONFIRM) and named_field(text) != "case_wish":
        return None
    return read_wish(text)


def read_case_name(view: FormView) -> str | None:
    """Return how the customer wants to be called."""
    if view.values.get("case_consent") is False or not may_replace(view, "case_name"):
        return None
    return read_name(view.plain, is_asked=view.asks("case_name"))


def read_case_reply(view: FormView) -> str | None:
    """Return how the customer wants to be answered."""
    button = (view.turn.button or "").removeprefix("reply_")
    if button in CHANNELS:
        return button
    is_asked = view.asks("case_reply")
    channel = read_channel(view.plain, is_asked=is_asked)
    if channel is None and read_email(view.plain):
        return "email"
    return channel


def read_case_email(view: FormView) -> str | None:
    """Return the e-mail address for the answer; none without consent."""
    return None if view.values.get("case_consent") is False else read_email(view.plain)


def phone_reading(view: FormView) -> PhoneReading:
    """Return the phone of a message, or what is wrong with it."""
    if view.values.get("case_consent") is False:
        return PhoneReading()
    asked = view.requested in ("case_phone", "case_name")
    return read_phone(view.plain, is_asked=asked)


def refused(view: FormView) -> dict[str, str]:
    """Return name and phone as skipped if the message refuses them."""
    contact = ("case_name", "case_phone")
    if view.requested not in (*contact, CONFIRM) or not is_refusal(view.plain):
        return {}
    if read_channel(view.plain):
        return {}  # 「别打电话，发短信」 says by what way, not that there is none
    only_phone = named_field(view.plain) == "case_phone"
    return dict.fromkeys(("case_phone",) if only_phone else contact, SKIPPED)
