"""What triage learns from: own letters with category and severity, and the bot's sentences."""

import re
from dataclasses import dataclass
from pathlib import Path

import yaml

from scripts_library.errors import LexiconError, Problem
from scripts_library.paths import data_dir
from scripts_library.text.normal_form import normalize
from scripts_library.triage.lexicon import GENERAL, MAJOR, load_lexicon

LEAST_CHARACTERS = 9
"""Shorter sentences (yes, no, thanks) say nothing of a matter."""

_ENTITY = re.compile(r"\[([^\]]+)\](?:\{[^}]*\}|\([^)]*\))")


@dataclass(frozen=True, slots=True)
class Letter:
    """An own training letter (normalised) with its category and severity."""

    text: str
    category: str
    severity: str


def load_letters(folder: Path | None = None) -> list[Letter]:
    """Read `data/triage/*.yml` in a fixed order; raises `LexiconError` for a faulty file."""
    folder = folder or data_dir() / "triage"
    letters = []
    for path in sorted(folder.glob("*.yml")):
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        known = {entry.id for entry in load_lexicon().categories}
        if not isinstance(content, dict) or content.get("category") not in known:
            value = str(content.get("category") if isinstance(content, dict) else content)[:40]
            fix = "第一行写 category: 加上 categories.yml 里的编号"
            raise LexiconError([Problem(path.name, 1, value, "训练信件没有有效类别", fix)])
        for severity in (GENERAL, MAJOR):
            letters += [
                Letter(normalize(text).text, content["category"], severity)
                for text in content.get(severity) or ()
            ]
    return letters


def own_sentences(folder: Path | None = None) -> list[str]:
    """Return the bot's training sentences (`data/nlu/*.yml`), normalised, each once, in a fixed
    order; none where the folder is not there."""
    folder = folder or data_dir() / "nlu"
    found: dict[str, None] = {}
    for path in sorted(folder.glob("*.yml")):
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        for group in content["nlu"]:
            for line in group.get("examples", "").splitlines():
                text = normalize(_ENTITY.sub(r"\1", line.removeprefix("- ").strip())).text
                if len(text) >= LEAST_CHARACTERS:
                    found.setdefault(text)
    return list(found)
