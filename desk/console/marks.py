"""A text with its flagged words marked: pure splitting, and the element that shows it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import Any

from desk.console.elements import box, words

RANK: Mapping[str, int] = {"hint": 1, "warn": 2, "block": 3}


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch to mark, `text[start:end]`; `severity` is hint, warn or block."""

    start: int
    end: int
    severity: str


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of the text; `severity` is None where nothing is wrong."""

    text: str
    severity: str | None


def spans_of(flags: Iterable[Mapping[str, Any]]) -> list[Span]:
    """Return the spans of flags as `Flag.to_dict()` gives them; malformed ones are left out."""
    return [
        Span(flag["start"], flag["end"], flag["severity"])
        for flag in flags
        if isinstance(flag.get("start"), int)
        and isinstance(flag.get("end"), int)
        and flag.get("severity") in RANK
    ]


def segments(text: str, spans: Sequence[Span]) -> list[Segment]:
    """Split a text at the spans' edges; joined together the segments are the text again.

    Where spans overlap the worst severity counts. Parts of spans outside the text are ignored.
    """
    length = len(text)
    edges = {0, length}
    for span in spans:
        edges |= {min(max(span.start, 0), length), min(max(span.end, 0), length)}
    pieces = (
        Segment(text[start:end], _worst(start, end, spans))
        for start, end in pairwise(sorted(edges))
    )
    return [
        Segment("".join(piece.text for piece in group), severity)
        for severity, group in groupby(pieces, key=lambda piece: piece.severity)
    ]


def show_marked(text: str, spans: Sequence[Span], classes: str = "") -> None:
    """Add the text with its flagged words coloured and underlined."""
    with box(f"k-marked {classes}"):
        for segment in segments(text, spans):
            if segment.severity is None:
                words(segment.text)
            else:
                words(segment.text, f"k-mark k-{segment.severity}", tag="mark")


def _worst(start: int, end: int, spans: Sequence[Span]) -> str | None:
    covering = (span.severity for span in spans if span.start <= start and end <= span.end)
    return max(covering, key=RANK.__getitem__, default=None)
