"""A rule set compiled for searching: from a text to candidate hits in its views (stage a)."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from threading import Lock
from typing import NamedTuple

from scripts_library.checking.context import ContextRules
from scripts_library.checking.private_numbers import (
    DETECT,
    FEWEST_AT_ALL,
    FEWEST_DIGITS,
    FEWEST_IN_NUMBER,
    find_numbers,
    may_hold_numbers,
)
from scripts_library.checking.promises import TRIGGERS
from scripts_library.checking.rules import Rule, RuleSet
from scripts_library.checking.scanner import Found as Literal
from scripts_library.checking.scanner import Hit, Scanner
from scripts_library.checking.templates import (
    Spelling,
    Template,
    compile_template,
    literal_size,
    template_regex,
)
from scripts_library.checking.verdict import Severity
from scripts_library.text.folding import fold
from scripts_library.text.separators import RUNS
from scripts_library.text.sound_codes import BREAK, echo_of_sounds, sound, spell_literal
from scripts_library.text.spelling import Sounds, is_spelled, plain_sounds, spell_out
from scripts_library.text.view import View, folded_view

SOUND_CHARACTERS = 3
"""Patterns with fewer fixed characters have too many chance homophones to be compared by sound."""

HOMOPHONE_CHARACTERS = 4
"""Shorter hits by homophones alone are chance more often than disguise (10,000 real replies)."""

HOMOPHONES = Spelling(spell_literal, least=3, shortest=4, most_cost=0.0003, frequent=3e-6)
TYPED = Spelling(spell_literal, least=2, shortest=2, most_cost=0.05)
"""Whoever types pinyin among Chinese characters means it: shorter words count, and in few texts."""

MEANING = "meaning"
PROMISE = -1

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A hit in one view of the text, not yet judged: `view.text[start:end]`.

    For a hit by sound, `meant` is the view's text with what was meant instead of what was written,
    `meant[meant_start:meant_end]` the hit in it, and `odd` the offsets in the view of characters
    that differ from the pattern; `typed` tells of pinyin or digits.
    """

    start: int
    end: int
    rule: int
    view: View
    meant: str = ""
    meant_start: int = 0
    meant_end: int = 0
    odd: tuple[int, ...] = ()
    typed: bool = False


class Spelled(NamedTuple):
    """A pattern that is compared by sound: index of its rule, its characters, as written."""

    rule: int
    characters: frozenset[str]
    source: str


Found = tuple[list[Candidate], list[Span], View]
"""What a search found: hits, words that may promise (spans of the folded view), that view."""


@dataclass(frozen=True)
class CompiledException:
    """The pattern of an exception with the words it may use, and how far from the hit it may
    stand."""

    source: str
    words: Mapping[str, tuple[str, ...]]
    within: str
    why: str

    @cached_property
    def regex(self) -> re.Pattern[str]:
        """The regular expression; compiled at the first use, not while loading."""
        return re.compile(template_regex(self.source, self.words))


class Engine:
    """Everything compiled from one rule set; replaced as a whole when packs are read anew."""

    def __init__(
        self, rule_set: RuleSet, phrases: Sequence[str] = (), phrase_rule: Rule | None = None
    ) -> None:
        self.rule_set = rule_set
        self.rules = (*rule_set.rules, phrase_rule) if phrase_rule else rule_set.rules
        self.exceptions = tuple(self._compile_exceptions(rule) for rule in self.rules)
        self._users: list[int] = []
        self._homophones: list[Spelled] = []
        self._typed: list[Spelled] = []
        templates: list[Template] = []
        words = rule_set.words
        for index, rule in enumerate(rule_set.rules):
            for source in rule.patterns:
                templates.append(compile_template(source, words))
                self._users.append(index)
                if not rule.by_sound:
                    continue
                spelled = Spelled(index, _characters(source, words), source)
                self._typed.append(spelled)
                if literal_size(source, words) >= SOUND_CHARACTERS:
                    self._homophones.append(spelled)
        templates += [Template(text, (text,), None, len(text)) for text in TRIGGERS]
        self._users += [PROMISE] * len(TRIGGERS)
        self._users.append(len(rule_set.rules))
        self._scanner = Scanner(templates, [fold(phrase) for phrase in phrases])
        self._sound_scanner = Scanner(
            [compile_template(p.source, words, HOMOPHONES) for p in self._homophones],
            echo=echo_of_sounds,
            marks=RUNS,
        )
        self._typed_scanner: Scanner | None = None
        self._detectors = [
            (FEWEST_DIGITS[rule.detector or ""], index, DETECT[rule.detector or ""])
            for index, rule in enumerate(self.rules)
            if rule.detector in DETECT
        ]
        self.meanings = {r.category: r for r in rule_set.rules if r.detector == MEANING}
        self._context: ContextRules | None = None
        self._lock = Lock()

    @property
    def context(self) -> ContextRules:
        """The context rules, loaded at the first use."""
        with self._lock:
            if self._context is None:
                self._context = ContextRules(self.rule_set.contexts, self.rule_set.jieba_words)
            return self._context

    @property
    def typed_scanner(self) -> Scanner:
        """The scanner for typed pinyin: more patterns than for homophones; built when needed."""
        with self._lock:
            if self._typed_scanner is None:
                words = self.rule_set.words
                self._typed_scanner = Scanner(
                    [compile_template(p.source, words, TYPED) for p in self._typed]
                )
            return self._typed_scanner

    def _compile_exceptions(self, rule: Rule) -> tuple[CompiledException, ...]:
        words = self.rule_set.words
        return tuple(CompiledException(e.pattern, words, e.within, e.why) for e in rule.exceptions)

    def search(self, text: str) -> Found:
        """Return the hits in all views of the text."""
        view = folded = folded_view(text)
        found: list[Candidate] = []
        triggers: list[Span] = []
        words = self._scanner.search(view.text)
        if words:
            self._add_words(words, view, found, triggers)
        if view.digits >= FEWEST_AT_ALL and may_hold_numbers(view.text, view.digits):
            self._detect(view, found)
        sounding = self._sound_scanner.search(view.echo)
        joined = view.joined(may_repeat=bool(sounding) and self._sound_scanner.has_mark(sounding))
        if joined:
            view = joined
            self._add_words(self._scanner.search(view.text), view, found, [])
            sounding = self._sound_scanner.search(view.echo)
        if is_spelled(view.text, view.kinds):
            sounds = spell_out(view)
            for hit in self.typed_scanner.find(sounds.text):
                if _is_typed_on_purpose(hit, sounds):
                    _add_by_sound(hit, self._typed[hit.pattern], view, sounds, found)
        elif sounding:
            self._add_homophones(sounding, view, found)
        return found, triggers, folded

    def _add_homophones(
        self, sounding: Sequence[Literal], view: View, found: list[Candidate]
    ) -> None:
        sounds: Sounds | None = None
        for hit in self._sound_scanner.confirm(sounding, view.sounds()):
            pattern = self._homophones[hit.pattern]
            # Most are the pattern's own characters, which are no homophones.
            if not pattern.characters.issuperset(view.text[hit.start : hit.end]):
                sounds = sounds or plain_sounds(view)
                _add_by_sound(hit, pattern, view, sounds, found)

    def _detect(self, view: View, found: list[Candidate]) -> None:
        digits = view.digits
        numbers = list(find_numbers(view.text)) if digits >= FEWEST_IN_NUMBER else []
        for least, index, detect in self._detectors:
            if digits >= least and (numbers or least < FEWEST_IN_NUMBER):
                for start, end in detect(view.text, numbers):
                    found.append(Candidate(start, end, index, view))

    def _add_words(
        self,
        words: Sequence[Literal],
        view: View,
        found: list[Candidate],
        triggers: list[Span],
    ) -> None:
        users = self._users
        for start, end, pattern in self._scanner.confirm(words, view.text):
            rule = users[pattern]
            if rule == PROMISE:
                triggers.append((start, end))
            else:
                found.append(Candidate(start, end, rule, view))


def _is_typed_on_purpose(hit: Hit, sounds: Sounds) -> bool:
    """Tell whether a hit is long enough, or holds a whole run of letters that spells a syllable."""
    if hit.end - hit.start >= SOUND_CHARACTERS:
        return True
    return _holds_spelled_run(hit, sounds)


def _holds_spelled_run(hit: Hit, sounds: Sounds) -> bool:
    return any(run.start >= hit.start and run.stop <= hit.end for run in sounds.spelled_runs)


def _add_by_sound(
    hit: Hit, pattern: Spelled, view: View, sounds: Sounds, found: list[Candidate]
) -> None:
    """Add the candidate of a hit by sound, unless the characters are the pattern's own."""
    places = range(hit.start, hit.end)
    meant, odd = _meant(places, pattern.characters, view.text, sounds)
    typed = not sounds.typed.isdisjoint(places)
    if not typed and not odd:
        return
    if odd and typed:
        typed = _holds_spelled_run(hit, sounds)
    first, last = sounds.starts[hit.start], sounds.ends[hit.end - 1]
    size = last - first
    if odd and not typed and (size < HOMOPHONE_CHARACTERS or 2 * len(odd) > size):
        return
    text = view.text[:first] + meant + view.text[last:]
    end = first + len(meant)
    found.append(Candidate(first, last, pattern.rule, view, text, first, end, tuple(odd), typed))


def _meant(
    places: range, characters: frozenset[str], text: str, sounds: Sounds
) -> tuple[str, list[int]]:
    """Return the pattern's own characters at these codes, and where others were written for them.

    Typed letters and digits are no other characters.
    """
    meanings = _meanings(characters)
    meant: list[str] = []
    odd: list[int] = []
    for i in places:
        start, end = sounds.starts[i], sounds.ends[i]
        meaning = meanings.get(sounds.text[i])
        if meaning and (i in sounds.typed or text[start] not in characters):
            meant.append(meaning)
            if i not in sounds.typed:
                odd.append(start)
        else:
            meant.append(text[start:end])
    return "".join(meant), odd


@cache
def _meanings(characters: frozenset[str]) -> Mapping[str, str]:
    """Return the character of the pattern for each sound code."""
    codes = sound("".join(sorted(characters)))
    return {code: c for code, c in zip(codes, sorted(characters), strict=True) if code != BREAK}


def make_phrase_rule(category: str, severity: Severity) -> Rule:
    """Return the rule that stands for phrases added at run time."""
    return Rule(
        id=f"{category}.extra",
        category=category,
        severity=severity,
        clause="本单位自定词条",
        reason="本单位列为不宜使用的说法",
        better=("请换一种说法",),
        patterns=(),
        exceptions=(),
        detector=None,
        by_sound=False,
        whole_words=False,
        no_context=True,
        must=(),
        must_not=(),
        file="",
        line=0,
    )


def _characters(source: str, words: Mapping[str, tuple[str, ...]]) -> frozenset[str]:
    named = re.findall("<([^>]*)>", source)
    return frozenset("".join([source, *(word for name in named for word in words[name])]))
