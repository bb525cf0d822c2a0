"""The weighted words of complaint triage: load the YAML lists, find them in a text, add them up.

Files of `triage/lists/`: `categories.yml` (names and departments), `words.yml` (words
of a category by weight), `severity.yml` (groups that make a complaint major, and risk words).
All of them are our own lists, written from the kinds of complaints the taxonomy names.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import yaml
from ahocorasick_rs import AhoCorasick

from scripts_library.errors import LexiconError, Problem
from scripts_library.paths import PACKAGE_DIR
from scripts_library.text.normal_form import normalize

FOLDER = PACKAGE_DIR / "triage" / "lists"
MAJOR = "major"
GENERAL = "general"

CATEGORY = "category"
SEVERITY = "severity"
RISK_WORD = "risk_word"
INNOCENT = "innocent"

HEAD_FACTOR = 1.8
"""A word in the title or first sentence counts so much more than one further down."""

REPEAT_FACTOR = 0.25
"""Share of a group's weight that each further different word adds (four at most)."""

_GAP = r"[^。！？!?\n]{0,8}?"
_NUMBER = "[0-9一二两三四五六七八九十百千万几多余数]{1,8}"
_HOUSE = "室房栋幢弄"  # 12315室 is an address, no hotline
_NUMBERS = re.compile(_NUMBER)
_PARTS = re.compile(r"([~#])")


@dataclass(frozen=True, slots=True)
class Category:
    """A category of the taxonomy: identifier, Chinese name, department responsible by default."""

    id: str
    name: str
    department: str


@dataclass(frozen=True, slots=True)
class Word:
    """One entry: what it points to (a category, `major` or `general`), its group and weight.

    `floor` is what a risk word lifts the severity score to (0: nothing).
    """

    text: str
    points_to: str
    group: str
    kind: str
    weight: float
    pattern: re.Pattern[str]
    floor: float = 0.0


@dataclass(frozen=True, slots=True)
class Hit:
    """A word found at `start:end` of the normalised text."""

    start: int
    end: int
    word: Word


class TriageLexicon:
    """Finds the words of the lists in a normalised text; safe for threads, built once."""

    def __init__(self, categories: Sequence[Category], words: Sequence[Word]) -> None:
        self.categories = tuple(categories)
        self.groups = tuple(
            dict.fromkeys(w.group for w in words if w.kind in (SEVERITY, RISK_WORD))
        )
        self._by_anchor: dict[str, list[Word]] = defaultdict(list)
        self._numbered = [word for word in words if word.text.startswith("#")]
        for word in words:
            if not word.text.startswith("#"):
                self._by_anchor[_anchor(word.text)].append(word)
        self._anchors = list(self._by_anchor)
        self._automaton = AhoCorasick(self._anchors)

    def department(self, category: str) -> str:
        """Return the department responsible by default; raises `KeyError` for an unknown id."""
        return {entry.id: entry.department for entry in self.categories}[category]

    def scan(self, text: str) -> list[Hit]:
        """Return the hits in a normalised text, by start; of overlapping hits of one group only
        the longest stays, and a risk word inside an innocent phrase is dropped."""
        hits = sorted(self._raw_hits(text), key=lambda hit: (hit.start - hit.end, hit.start))
        innocent = [(hit.start, hit.end) for hit in hits if hit.word.kind == INNOCENT]
        taken: dict[str, list[tuple[int, int]]] = defaultdict(list)
        kept = []
        for hit in hits:
            word = hit.word
            if word.kind == INNOCENT or (word.kind == RISK_WORD and _overlaps(hit, innocent)):
                continue
            if not _overlaps(hit, taken[word.group]):
                taken[word.group].append((hit.start, hit.end))
                kept.append(hit)
        return sorted(kept, key=lambda hit: (hit.start, hit.end))

    def _raw_hits(self, text: str) -> Iterator[Hit]:
        for index, start, _ in self._automaton.find_matches_as_indexes(text, overlapping=True):
            for word in self._by_anchor[self._anchors[index]]:
                yield from _match(word, text, start)
        for number in _NUMBERS.finditer(text):
            for word in self._numbered:
                yield from _match(word, text, number.start())

    def category_scores(self, hits: Sequence[Hit], head_end: int) -> dict[str, float]:
        """Add up the weights per category; every different word counts once."""
        scores = dict.fromkeys((entry.id for entry in self.categories), 0.0)
        seen: dict[str, float] = {}
        for hit in hits:
            if hit.word.kind == CATEGORY:
                weight = hit.word.weight * (HEAD_FACTOR if hit.start < head_end else 1.0)
                key = f"{hit.word.points_to} {hit.word.text}"
                scores[hit.word.points_to] += max(0.0, weight - seen.get(key, 0.0))
                seen[key] = max(weight, seen.get(key, 0.0))
        return scores

    def group_scores(self, hits: Sequence[Hit]) -> dict[str, float]:
        """Return a score per severity and risk group: its weight, and a share for more words."""
        words: dict[str, set[str]] = defaultdict(set)
        weights: dict[str, float] = {}
        for hit in hits:
            if hit.word.kind != CATEGORY:
                words[hit.word.group].add(hit.word.text)
                weights[hit.word.group] = hit.word.weight
        return {
            group: weights[group] * (1 + REPEAT_FACTOR * min(len(found) - 1, 4))
            for group, found in words.items()
        }


def _overlaps(hit: Hit, spans: Sequence[tuple[int, int]]) -> bool:
    return any(hit.start < end and start < hit.end for start, end in spans)


def _match(word: Word, text: str, start: int) -> Iterator[Hit]:
    found = word.pattern.match(text, start)
    if found:
        yield Hit(start, found.end(), word)


def _anchor(text: str) -> str:
    return _PARTS.split(text)[0]


def _compile(text: str) -> re.Pattern[str]:
    parts = (
        {"~": _GAP, "#": _NUMBER}.get(part, re.escape(part)) for part in _PARTS.split(text) if part
    )
    body = "".join(parts)
    return re.compile(rf"(?<![0-9]){body}(?![0-9{_HOUSE}])" if text.isdigit() else body)


def read_yaml(name: str) -> Mapping[str, Any]:
    """Return a word list as a mapping; raises `LexiconError` naming the file and the line."""
    path = FOLDER / name
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise _fault(name, 1, name, "找不到分类词表", "请从发布包恢复这个文件") from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        raise _fault(name, line, "", "YAML 格式不对", "检查缩进、引号和方括号") from error
    if not isinstance(content, dict):
        raise _fault(name, 1, str(type(content).__name__), "最外层应是键值表", "见文件开头说明")
    return content


def _fault(file: str, line: int, value: str, message: str, fix: str) -> LexiconError:
    return LexiconError([Problem(f"triage/{file}", line, value, message, fix)])


def _text(file: str, text: object, group: str) -> str:
    plain = normalize(text).text if isinstance(text, str) else ""
    if not _anchor(plain.lstrip("#")):
        raise _fault(file, 1, str(text), f"{group} 里的词是空的或不是文字", "数字要加引号")
    return plain


def _number(file: str, value: object, group: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _fault(file, 1, str(value), f"{group} 的权重或下限不是数字", "写成 3、1.5 这样的数")
    return float(value)


def _category_words(categories: Sequence[Category]) -> Iterator[Word]:
    name = "words.yml"
    known = {entry.id for entry in categories}
    for category, by_weight in _section(name, "words").items():
        if category not in known:
            raise _fault(name, 1, str(category), "没有这个投诉类别", "见 categories.yml")
        for weight, texts in by_weight.items():
            value = _number(name, weight, category)
            for text in dict.fromkeys(texts):
                plain = _text(name, text, category)
                yield Word(plain, category, category, CATEGORY, value, _compile(plain))


def _severity_words() -> Iterator[Word]:
    name = "severity.yml"
    for section, kind in (("groups", SEVERITY), ("risk_words", RISK_WORD)):
        for group, entry in _section(name, section).items():
            weight = _number(name, entry.get("weight"), group)
            floor = _number(name, entry.get("floor", 0), group)
            points_to = MAJOR if weight > 0 else GENERAL
            for text in dict.fromkeys(entry["words"]):
                plain = _text(name, text, group)
                yield Word(plain, points_to, group, kind, weight, _compile(plain), floor)
    for text in read_yaml(name).get("innocent") or ():
        plain = _text(name, text, INNOCENT)
        yield Word(plain, GENERAL, INNOCENT, INNOCENT, 0.0, _compile(plain))


def _section(file: str, key: str) -> Mapping[str, Any]:
    section = read_yaml(file).get(key)
    if not isinstance(section, dict):
        raise _fault(file, 1, key, "缺少这一节", f"加上 {key}: 一节,见发布包里的原文件")
    return section


@cache
def load_lexicon() -> TriageLexicon:
    """Read the three lists once; raises `LexiconError` for a faulty file."""
    entries = _section("categories.yml", "categories").items()
    categories = [Category(key, entry["name"], entry["department"]) for key, entry in entries]
    return TriageLexicon(categories, [*_category_words(categories), *_severity_words()])
