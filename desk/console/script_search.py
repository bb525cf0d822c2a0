"""Finds scripts for the agent who types `/`: by characters, pinyin, topic or step."""

from collections.abc import Sequence
from dataclasses import dataclass

from desk.console.pinyin_search import best_fit
from scripts_library.suggesting.library import STEPS, Script, topic_names

SHOWN = 8


@dataclass(frozen=True, slots=True)
class Entry:
    """A script with what is searched of it, the weightiest first."""

    script: Script
    heading: str
    fields: tuple[tuple[int, tuple[str, ...]], ...]


def entry_of(script: Script) -> Entry:
    """Return a script ready to be searched."""
    topic = topic_names().get(script.topic, script.topic)
    step = STEPS.get(script.step, script.step)
    fields = (
        (8, (*script.keywords, topic, step)),
        (4, script.asks),
        (1, (script.text,)),
    )
    return Entry(script, f"{topic} · {step}", fields)


def find_scripts(entries: Sequence[Entry], query: str, *, limit: int = SHOWN) -> list[Entry]:
    """Return the scripts that fit every word of the query, best first; all if it is empty."""
    parts = query.split()
    if not parts:
        return list(entries[:limit])
    scored = []
    for place, entry in enumerate(entries):
        scores = [_score(entry, part) for part in parts]
        if all(scores):
            scored.append((-sum(scores), place, entry))
    return [entry for _, _, entry in sorted(scored)[:limit]]


def _score(entry: Entry, part: str) -> int:
    return max(weight * best_fit(part, texts) for weight, texts in entry.fields)
