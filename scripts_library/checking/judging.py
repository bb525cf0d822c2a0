"""Confirm or excuse candidate hits by their exceptions and their context (stage b)."""

import re
from dataclasses import replace

from scripts_library.checking.context import (
    Neighbourhood,
    is_cut_out,
    is_disguised,
    may_be_disguised,
)
from scripts_library.checking.engine import Candidate, CompiledException, Engine
from scripts_library.checking.pattern_syntax import SENTENCE_END
from scripts_library.checking.rules import Rule
from scripts_library.checking.verdict import Excused, Flag

MAX_CONTEXTS = 300
REACH = 40
_EDGE = re.compile(f"[{re.escape(SENTENCE_END)}]")


def judge(
    engine: Engine, text: str, candidates: list[Candidate]
) -> tuple[tuple[Flag, ...], tuple[Excused, ...]]:
    """Return the flags and the excused hits among the candidates, both sorted.

    At most `MAX_CONTEXTS` places are looked at in context; beyond that hits count as they are.
    """
    flags: dict[tuple[int, int, str], Flag] = {}
    excused: dict[tuple[int, int, str], Excused] = {}
    settled: dict[int, list[tuple[int, int]]] = {}
    looks: dict[tuple[int, int, int], Neighbourhood] = {}
    for candidate in sorted(candidates, key=_as_written_and_longest_first):
        start, end = candidate.view.span(candidate.start, candidate.end)
        rule = engine.rules[candidate.rule]
        done = settled.setdefault(candidate.rule, [])
        if candidate.meant and any(a < end and start < b for a, b in done):
            continue
        done.append((start, end))
        key = (start, end, rule.id)
        if key in flags or key in excused:
            continue
        why = _excuse(engine, candidate, looks)
        if why == "":
            continue
        if why:
            excused[key] = Excused(start, end, rule.id, text[start:end], why)
        else:
            flags[key] = make_flag(rule, text, start, end)
    passed = sorted(excused.values(), key=lambda e: (e.start, -e.end, e.rule_id))
    return tuple(_thin(list(flags.values()), text)), tuple(passed)


def _as_written_and_longest_first(candidate: Candidate) -> tuple[bool, int, int]:
    return bool(candidate.meant), candidate.start, -candidate.end


def make_flag(rule: Rule, text: str, start: int, end: int) -> Flag:
    """Return the flag of a rule for `text[start:end]`."""
    return Flag(
        start=start,
        end=end,
        rule_id=rule.id,
        category=rule.category,
        severity=rule.severity,
        clause=rule.clause,
        reason=rule.reason,
        better=rule.better,
        surface=text[start:end],
    )


def _thin(flags: list[Flag], text: str) -> list[Flag]:
    """Sort, drop a flag that lies inside another of its category, and make one of two of a rule
    that overlap: the same words are not to be told twice."""
    kept: list[Flag] = []
    for flag in sorted(flags, key=lambda f: (f.start, -f.end, -f.severity, f.rule_id)):
        if any(k.category == flag.category and k.end >= flag.end for k in kept):
            continue
        before = next((k for k in kept if k.rule_id == flag.rule_id and k.end > flag.start), None)
        if before is None:
            kept.append(flag)
        else:
            joined = replace(before, end=flag.end, surface=text[before.start : flag.end])
            kept[kept.index(before)] = joined
    return kept


def _excuse(
    engine: Engine, candidate: Candidate, looks: dict[tuple[int, int, int], Neighbourhood]
) -> str | None:
    """Return why the candidate passes, "" to drop it without a word, None to flag it."""
    rule = engine.rules[candidate.rule]
    by_homophones = candidate.odd and not candidate.typed
    if by_homophones and not may_be_disguised(candidate.view.text[i] for i in candidate.odd):
        return ""
    for exception in engine.exceptions[candidate.rule]:
        if _applies(exception, candidate):
            return exception.why
    if rule.no_context and not candidate.odd:
        return None
    place = (id(candidate.view), candidate.start, candidate.end)
    if place not in looks:
        if len(looks) >= MAX_CONTEXTS:
            return None
        looks[place] = engine.context.look(candidate.view.text, candidate.start, candidate.end)
    near = looks[place]
    if by_homophones and not _is_homophone(near, candidate):
        return ""
    if rule.whole_words and is_cut_out(near, candidate.start, candidate.end):
        return "属于另一个词的一部分"
    if rule.no_context:
        return None
    return engine.context.excuse(near, candidate.start, candidate.end, rule.category)


def _is_homophone(near: Neighbourhood, candidate: Candidate) -> bool:
    if is_cut_out(near, candidate.start, candidate.end):
        return False
    return is_disguised(near, candidate.odd)


def _applies(exception: CompiledException, candidate: Candidate) -> bool:
    """Tell whether the exception fits the text, or what was meant where it is spelled by sound."""
    if candidate.meant:
        span = (candidate.meant_start, candidate.meant_end)
        if _matches(exception.regex, exception.within, candidate.meant, span):
            return True
    span = (candidate.start, candidate.end)
    return _matches(exception.regex, exception.within, candidate.view.text, span)


def _matches(regex: re.Pattern[str], within: str, text: str, span: tuple[int, int]) -> bool:
    start, end = span
    if within == "hit":
        low, high = max(0, start - REACH), min(len(text), end + REACH)
    elif within == "sentence":
        low, high = _sentence(text, start, end)
    else:
        low, high = max(0, start - 1000), min(len(text), end + 1000)
    for match in regex.finditer(text, low, high):
        if within != "hit" or (match.start() < end and start < match.end()):
            return True
    return False


def _sentence(text: str, start: int, end: int) -> tuple[int, int]:
    low = max(0, start - 200)
    for match in _EDGE.finditer(text, low, start):
        low = match.end()
    after = _EDGE.search(text, end, min(len(text), end + 200))
    return low, after.end() if after else min(len(text), end + 200)
