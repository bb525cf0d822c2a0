"""Putting a better wording, or a suggestion, into a reply: pure text work."""

import re

from desk.locale import t, texts
from scripts_library.suggesting.suggester import fill_in

SENTENCE_ENDS = "。！？!?；;…\n"
FILL_IN = re.compile(r"\{([a-z_]+)\}")
OPEN_SLOT = re.compile(r"【请填写：[^】]*】")


def adopt(text: str, start: int, end: int, better: str) -> str:
    """Return the text with the flagged stretch `text[start:end]` put better.

    A better wording that is a sentence takes the place of the sentence around the stretch; a
    phrase takes the place of the stretch.
    """
    better = better.strip()
    if better and better[-1] in SENTENCE_ENDS:
        begin = max((text.rfind(mark, 0, start) for mark in SENTENCE_ENDS), default=-1) + 1
        stop = _sentence_stop(text, max(end - 1, begin))
        return text[:begin] + better + text[stop:]
    return text[:start] + better + text[end:]


def find_again(text: str, start: int, surface: str) -> int | None:
    """Return where `surface` stands now, nearest to where it stood; None if it is gone."""
    if text[start : start + len(surface)] == surface:
        return start
    places = [match.start() for match in re.finditer(re.escape(surface), text)]
    return min(places, key=lambda place: abs(place - start), default=None)


def with_slots(wording: str, known: dict[str, str]) -> str:
    """Return a wording with its `{fill_ins}` known or visibly open (`【请填写：时间】`)."""
    named = {
        name: t("console.slot", name=label)
        for name in FILL_IN.findall(wording)
        if (label := texts("console").get(f"slot_{name}"))
    }
    return fill_in(wording, named | known)[0]


def has_open_slot(text: str) -> bool:
    """Tell whether something is still to be filled in."""
    return bool(OPEN_SLOT.search(text))


def _sentence_stop(text: str, last: int) -> int:
    """Return the end of the sentence that holds position `last`, its closing marks included."""
    stop = next((i for i in range(last, len(text)) if text[i] in SENTENCE_ENDS), len(text))
    while stop < len(text) and text[stop] in SENTENCE_ENDS and text[stop] != "\n":
        stop += 1
    return stop
