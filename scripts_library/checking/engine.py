"""A rule set compiled for searching: from a text to candidate hits in its views (stage a)."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from threading import Lock
from typing import NamedTuple

from scripts_library.checking.context import ContextRules
from scripts_library.checking.private_numbers import (
    DETECT,
    FEWEST_DIGITS,
    FEWEST_IN_NUMBER,
    find_numbers,
    may_hold_numbers,
)
from scripts_library.checking.promises import TRIGGERS
from scripts_library.checking.rules import Rule, RuleSet
from scripts_library.checking.scanner import Hit, Scanner
from scripts_library.checking.templates import (
    Template,
    compile_template,
    literal_size,
    template_regex,
)
from scripts_library.checking.verdict import Severity
from scripts_library.text.folding import fold
from scripts_library.text.sound_codes import BREAK, sound, spell_literal
from scripts_library.text.spelling import Sounds, is_spelled, plain_sounds, spell_out
from scripts_library.text.view import View, folded_view

SOUND_CHARACTERS = 3
"""Patterns with fewer fixed characters are not compared by sound: too many chance homophones."""

HOMOPHONE_LEAST = 3
TYPED_LEAST = 2
"""Syllables of the words the automaton looks for; fewer turn up in every second reply."""

MEANING = "meaning"
PROMISE = -1

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A hit in one view of the text, not yet judged: `view.text[start:end]`.

    For a hit by sound, `sounds.text[sound_start:sound_end]` is what matched, and `odd` the offsets
    in the view of characters that differ from the pattern; `typed` tells of pinyin or digits.
    """

    start: int
    end: int
    rule: int
    view: View
    sounds: Sounds | None = None
    sound_start: int = 0
    sound_end: int = 0
    odd: tuple[int, ...] = ()
    typed: bool = False


class Found(NamedTuple):
    """What a search found: hits, words that may promise (spans of the folded view), that view."""

    candidates: list[Candidate]
    triggers: list[Span]
    folded: View


@dataclass(frozen=True, slots=True)
class CompiledException:
    """Regular expressions (sources) of an exception, for the text and for its sounds."""

    regex: str
    sound_regex: str
    within: str
    why: str


class Engine:
    """Everything compiled from one rule set; replaced as a whole when packs are read anew."""

    def __init__(
        self, rule_set: RuleSet, phrases: Sequence[str] = (), phrase_rule: Rule | None = None
    ) -> None:
        self.rule_set = rule_set
        self.rules = (*rule_set.rules, phrase_rule) if phrase_rule else rule_set.rules
        self.exceptions = tuple(self._compile_exceptions(rule) for rule in self.rules)
        self._users: list[int] = []
        self._sound_users: list[tuple[int, frozenset[str], str]] = []
        templates: list[Template] = []
        words = rule_set.words
        for index, rule in enumerate(rule_set.rules):
            for source in rule.patterns:
                templates.append(compile_template(source, words))
                self._users.append(index)
                if rule.by_sound and literal_size(source, words) >= SOUND_CHARACTERS:
                    self._sound_users.append((index, _characters(source, words), source))
        templates += [Template(text, (text,), None, len(text)) for text in TRIGGERS]
        self._users += [PROMISE] * len(TRIGGERS)
        self._users.append(len(rule_set.rules))
        self._scanner = Scanner(templates, [fold(phrase) for phrase in phrases])
        self._sound_scanner = self._make_sound_scanner(HOMOPHONE_LEAST)
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
                self._typed_scanner = self._make_sound_scanner(TYPED_LEAST)
            return self._typed_scanner

    def _make_sound_scanner(self, least: int) -> Scanner:
        words = self.rule_set.words
        return Scanner(
            [
                compile_template(source, words, spell_literal, least)
                for _, _, source in self._sound_users
            ]
        )

    def _compile_exceptions(self, rule: Rule) -> tuple[CompiledException, ...]:
        words = self.rule_set.words
        return tuple(
            CompiledException(
                template_regex(e.pattern, words),
                template_regex(e.pattern, words, spell_literal),
                e.within,
                e.why,
            )
            for e in rule.exceptions
        )

    def search(self, text: str) -> Found:
        """Return the hits in all views of the text."""
        view = folded = folded_view(text)
        found: list[Candidate] = []
        triggers: list[Span] = []
        self._scan(view, found, triggers)
        if self._detectors and may_hold_numbers(view.text, view.digits):
            self._detect(view, found)
        joined = view.joined()
        if joined:
            view = joined
            self._scan(view, found, [])
        if is_spelled(view.text, view.kinds):
            sounds = spell_out(view)
            for hit in self.typed_scanner.find(sounds.text):
                self._add_by_sound(hit, view, sounds, found)
        else:
            hits = self._sound_scanner.find_units(view.sounds())
            if hits:
                sounds = plain_sounds(view.text)
                for hit in hits:
                    self._add_by_sound(hit, view, sounds, found)
        return Found(found, triggers, folded)

    def _detect(self, view: View, found: list[Candidate]) -> None:
        digits = view.digits
        numbers = list(find_numbers(view.text)) if digits >= FEWEST_IN_NUMBER else []
        for least, index, detect in self._detectors:
            if digits >= least and (numbers or least < FEWEST_IN_NUMBER):
                for start, end in detect(view.text, numbers):
                    found.append(Candidate(start, end, index, view))

    def _scan(self, view: View, found: list[Candidate], triggers: list[Span]) -> None:
        users = self._users
        for start, end, pattern in self._scanner.find_units(view.units, view.text):
            rule = users[pattern]
            if rule == PROMISE:
                triggers.append((start, end))
            else:
                found.append(Candidate(start, end, rule, view))

    def _add_by_sound(self, hit: Hit, view: View, sounds: Sounds, found: list[Candidate]) -> None:
        """Add the candidate of a hit by sound, unless the characters are the pattern's own."""
        rule, characters, _ = self._sound_users[hit.pattern]
        codes = _codes_of(characters)
        places = range(hit.start, hit.end)
        typed = not sounds.typed.isdisjoint(places)
        odd = tuple(
            sounds.starts[i]
            for i in places
            if i not in sounds.typed
            and sounds.text[i] in codes
            and view.text[sounds.starts[i]] not in characters
        )
        if typed or odd:
            first, last = sounds.starts[hit.start], sounds.ends[hit.end - 1]
            found.append(Candidate(first, last, rule, view, sounds, hit.start, hit.end, odd, typed))


@cache
def _codes_of(characters: frozenset[str]) -> frozenset[str]:
    return frozenset(sound("".join(characters))) - {BREAK}


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
