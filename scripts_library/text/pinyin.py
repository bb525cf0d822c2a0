"""How Chinese is read aloud, without tones: pypinyin with the phrases that it takes for it.

Of pypinyin's 47,000 phrases (50 MB in memory) all but those in `phrase_readings.txt` read as their
characters do one by one. The file is made from pypinyin's own list by
`python -m scripts_library.text.pinyin`; a test tells when it is out of date.
"""

import os
from functools import cache
from pathlib import Path

# Before anybody imports it.
os.environ.setdefault("PYPINYIN_NO_PHRASES", "true")

from pypinyin import Style, lazy_pinyin, load_phrases_dict
from pypinyin.constants import PINYIN_DICT
from pypinyin.contrib.tone_convert import to_normal

PHRASES_FILE = Path(__file__).with_name("phrase_readings.txt")


def syllables(text: str) -> list[str]:
    """Return the syllables of a text; what is no Chinese stays together as it is."""
    _load_phrases()
    found: list[str] = lazy_pinyin(text, style=Style.NORMAL, errors="default")
    return found


def phrase_lines() -> list[str]:
    """Return the lines of `PHRASES_FILE`, from pypinyin's list (50 MB while it is read)."""
    from pypinyin.phrases_dict import phrases_dict

    lines = []
    for phrase, readings in phrases_dict.items():
        spoken = [one[0] for one in readings]
        alone = [PINYIN_DICT.get(ord(letter), letter).split(",")[0] for letter in phrase]
        if [to_normal(one) for one in spoken] != [to_normal(one) for one in alone]:
            lines.append(f"{phrase} {' '.join(spoken)}")
    return sorted(lines)


@cache
def _load_phrases() -> None:
    phrases = {}
    for line in PHRASES_FILE.read_text(encoding="utf-8").splitlines():
        phrase, *spoken = line.split(" ")
        phrases[phrase] = [[one] for one in spoken]
    load_phrases_dict(phrases)


if __name__ == "__main__":
    PHRASES_FILE.write_text("\n".join(phrase_lines()) + "\n", encoding="utf-8")
