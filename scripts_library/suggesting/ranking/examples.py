"""Own examples for `rank`: replies as agents type them, and questions, from `data/ranking/`."""

import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ruamel.yaml import YAML

from scripts_library.paths import data_dir
from scripts_library.suggesting.topic_vectors import read_questions, read_typed_questions

VARIANTS = 30
NO_ANSWER = "no_answer"
YES_NO = "yes_no"

_CHOICE = re.compile(r"\(([^()]*)\)(\?)?")
_SLOT = re.compile(r"〈([^〉]+)〉")


@dataclass(frozen=True, slots=True)
class Reply:
    """A made reply: the topics it answers, and the number of the pattern it came from."""

    text: str
    topics: frozenset[str]
    pattern: int


def expand(pattern: str, slots: Mapping[str, Sequence[str]], rng: random.Random) -> str:
    """Return a random variant: `(a|b)` is a choice, `(a)?` can be left out, `〈name〉` a slot."""

    def choose(match: re.Match[str]) -> str:
        if match[2] and rng.random() < 0.5:
            return ""
        return str(rng.choice(match[1].split("|")))

    chosen = _CHOICE.sub(choose, pattern)
    return _SLOT.sub(lambda match: str(rng.choice(list(slots[match[1]]))), chosen).strip()


def read_replies(folder: Path | None = None, seed: int = 0) -> list[Reply]:
    """Return up to `VARIANTS` replies of each pattern, the same for the same seed."""
    folder = folder or data_dir() / "ranking"
    yaml = YAML(typ="safe")
    slots = yaml.load((folder / "slots.yml").read_text(encoding="utf-8"))
    groups = yaml.load((folder / "replies.yml").read_text(encoding="utf-8"))
    rng = random.Random(seed)
    replies: list[Reply] = []
    patterns = [(pattern, group["for"]) for group in groups for pattern in group["say"]]
    for number, (pattern, topics) in enumerate(patterns):
        texts = dict.fromkeys(expand(str(pattern), slots, rng) for _ in range(VARIANTS * 2))
        answered = frozenset(topics or [NO_ANSWER])
        replies += [Reply(text, answered, number) for text in list(texts)[:VARIANTS] if text]
    return replies


def all_questions(topics: frozenset[str]) -> list[tuple[str, str]]:
    """Return (question, topic) for these topics, with the bot's own examples where they exist."""
    nlu = data_dir() / "nlu"
    more = read_questions(nlu) if nlu.is_dir() else ()
    pairs = dict([*read_typed_questions(), *(pair for pair in more if pair[1] in topics)])
    return list(pairs.items())
