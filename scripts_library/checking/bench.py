"""Measure the checker's speed beside raw scanners on the same texts (`kefu bench check`).

The rivals only look for the phrases; the checker also folds, maps offsets (the map is made for
every text, a plain `range` where no character was taken out), compares sounds and judges contexts.
Each figure is the best of several rounds over chunks of the texts, in this process, on one core, so
that other work on the machine disturbs it little. The texts are new strings in every round: nothing
that Python keeps beside a string (its UTF-8 form) is found there again.
"""

import random
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from scripts_library.checking.checker import Checker, load_checker
from scripts_library.measurement import Measurement
from scripts_library.paths import PROJECT_DIR
from scripts_library.text.folding import is_han

TEXT_SIZE = 100
CHUNK = 25
ROUNDS = 30
PHRASE_COUNTS = (1_000, 10_000, 100_000)
WHOLE_CHECKS = 1_000
SEED = 20_240_601


def bench_check(replies: Sequence[str], *, rounds: int = ROUNDS) -> list[Measurement]:
    """Return the figures of issue item 6, measured on `replies` joined to texts of 100 characters.

    Args:
        replies: real replies, innocent for the most part; at least 2,000 characters in all.
        rounds: how often each chunk of texts is timed; the best time counts.

    Raises:
        ValueError: if the replies are too few.
    """
    joined = "".join(reply.strip() for reply in replies)
    if len(joined) < 20 * TEXT_SIZE:
        raise ValueError(f"样本太少:合计 {len(joined)} 字,至少要 {20 * TEXT_SIZE} 字")
    started = time.perf_counter()
    checker = load_checker(paraphrase=None)
    found = [_limit("规则加载", time.perf_counter() - started, "秒", 1.0)]
    checker.warm_up()
    texts = [joined[i : i + TEXT_SIZE] for i in range(0, min(len(joined), 60_000), TEXT_SIZE)]
    speeds = {}
    for count in PHRASE_COUNTS:
        phrases = make_phrases(joined, count)
        bigger = checker.with_extra(phrases)
        clean = [text for text in texts if _is_clean(bigger, text)]
        speeds[count] = seconds_per_item(bigger.check_by_rules, clean, rounds)
        rate = TEXT_SIZE / speeds[count] / 1e6
        goal = 6.5 if count == 10_000 else None
        found.append(_floor(f"干净文本 {count} 词条(a+b)", rate, "百万字/秒", goal))
        if count == 10_000:
            whole = seconds_per_item(bigger.check, clean, rounds)
            rate = TEXT_SIZE / whole / 1e6
            found.append(_figure("同上，连同承诺", rate, "百万字/秒", len(clean)))
            found += _rivals(phrases, clean, rounds, speeds[count])
            found.append(_short(bigger, replies, rounds))
    growth = speeds[PHRASE_COUNTS[-1]] / speeds[PHRASE_COUNTS[0]]
    found.append(_limit("词条 1,000 到 100,000 用时增长", growth, "倍", 2.0))
    found += _with_context(checker, replies)
    found += _with_model(replies)
    found.append(_limit("内存（100,000 词条）", _memory(phrases), "MB", 300.0))
    return found


def make_phrases(text: str, count: int) -> list[str]:
    """Return `count` different made-up phrases of 4-8 characters that don't occur in `text`."""
    chance = random.Random(SEED)
    letters = [char for char in text if is_han(char)]
    phrases: dict[str, None] = {}
    while len(phrases) < count:
        phrase = "".join(chance.choices(letters, k=chance.randint(4, 8)))
        if phrase not in text:
            phrases[phrase] = None
    return list(phrases)


def seconds_per_item(call: Callable[[str], object], texts: Sequence[str], rounds: int) -> float:
    """Return the best seconds a text takes, measured in chunks of `CHUNK` texts."""
    total = 0.0
    for at in range(0, len(texts), CHUNK):
        chunk = texts[at : at + CHUNK]
        best = min(_time(call, chunk) for _ in range(rounds))
        total += best
    return total / max(1, len(texts))


def _time(call: Callable[[str], object], texts: Iterable[str]) -> float:
    texts = [text[:1] + text[1:] for text in texts]
    started = time.perf_counter()
    for text in texts:
        call(text)
    return time.perf_counter() - started


def _is_clean(checker: Checker, text: str) -> bool:
    verdict = checker.check(text)
    return not (verdict.flags or verdict.excused or verdict.promises)


def _rivals(phrases: list[str], texts: list[str], rounds: int, seconds: float) -> list[Measurement]:
    """Return the speed of raw scanners (daachorse, which the checker uses, ahocorasick-rs,
    pyahocorasick, flashtext, one big regex), and how many times theirs the checker's own `seconds`
    a text are."""
    found = []
    for name, make in _RIVALS.items():
        try:
            scan = make(phrases)
        except ImportError:
            continue
        sample, times = (texts[:50], 2) if name == "re" else (texts, rounds)
        theirs = seconds_per_item(scan, sample, times)
        rate = TEXT_SIZE / theirs / 1e6
        found.append(_figure(f"只扫描:{name} 10000 词条", rate, "百万字/秒", len(sample)))
        found.append(_figure(f"检查用时与 {name} 之比", seconds / theirs, "倍", len(sample)))
    return found


def _daachorse(phrases: list[str]) -> Callable[[str], object]:
    from daachorse import CharwiseDoubleArrayAhoCorasick

    return CharwiseDoubleArrayAhoCorasick(phrases).find_overlapping


def _ahocorasick_rs(phrases: list[str]) -> Callable[[str], object]:
    from ahocorasick_rs import AhoCorasick

    automaton = AhoCorasick(phrases)
    return lambda text: automaton.find_matches_as_indexes(text, overlapping=True)


def _pyahocorasick(phrases: list[str]) -> Callable[[str], object]:
    import ahocorasick

    automaton: Any = ahocorasick.Automaton()
    for phrase in phrases:
        automaton.add_word(phrase, phrase)
    automaton.make_automaton()
    return lambda text: list(automaton.iter(text))


def _flashtext(phrases: list[str]) -> Callable[[str], object]:
    from flashtext import KeywordProcessor

    processor: Any = KeywordProcessor()
    processor.add_keywords_from_list(phrases)
    return lambda text: processor.extract_keywords(text, span_info=True)


def _regex(phrases: list[str]) -> Callable[[str], object]:
    pattern = re.compile("|".join(map(re.escape, phrases)))
    return lambda text: [match.span() for match in pattern.finditer(text)]


_RIVALS: dict[str, Callable[[list[str]], Callable[[str], object]]] = {
    "daachorse": _daachorse,
    "ahocorasick-rs": _ahocorasick_rs,
    "pyahocorasick": _pyahocorasick,
    "flashtext": _flashtext,
    "re": _regex,
}


def _short(checker: Checker, replies: Sequence[str], rounds: int) -> Measurement:
    texts = [reply for reply in replies if len(reply) == 10 and _is_clean(checker, reply)][:300]
    return _limit("10 字回复", seconds_per_item(checker.check, texts, rounds) * 1e6, "微秒", 10.0)


def _with_context(checker: Checker, replies: Sequence[str]) -> list[Measurement]:
    """Return median and 99th percentile of replies that have hits, each timed alone."""
    hits = [reply for reply in replies[:5_000] if not _is_clean(checker, reply)]
    if len(hits) < 2:
        return []
    times = [min(_time(checker.check, [reply]) for _ in range(5)) * 1e3 for reply in hits]
    p99 = statistics.quantiles(times, n=100)[98]
    return [
        _figure("有命中的回复 中位数", statistics.median(times), "毫秒", len(times)),
        _limit("有命中的回复 p99", p99, "毫秒", 1.0),
    ]


def _with_model(replies: Sequence[str]) -> list[Measurement]:
    """Return median and 99th percentile of the whole check, the trained model included."""
    checker = load_checker()
    if checker.check("您好").notes:
        return []
    checker.warm_up()
    times = [_time(checker.check, [reply]) * 1e3 for reply in replies[:WHOLE_CHECKS]]
    p99 = statistics.quantiles(times, n=100)[98]
    return [
        _limit("整条检查（含改述模型）中位数", statistics.median(times), "毫秒", 6.0),
        _limit("整条检查（含改述模型）p99", p99, "毫秒", 20.0),
    ]


def _memory(phrases: Sequence[str]) -> float:
    """Return the resident megabytes of a fresh process that has checked with these phrases."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", _MEMORY_SCRIPT],
        input="\n".join(phrases),
        capture_output=True,
        text=True,
        check=True,
        cwd=PROJECT_DIR,
    )
    return int(done.stdout) / 1024


_MEMORY_SCRIPT = """
import sys
from pathlib import Path
from scripts_library import load_checker
checker = load_checker(paraphrase=None).with_extra(sys.stdin.read().split())
checker.warm_up()
checker.check("weixin同号，急什么急")
status = Path("/proc/self/status").read_text()
print(next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS")))
"""


def _limit(name: str, value: float, unit: str, most: float) -> Measurement:
    return Measurement(name, value, unit, most, "lower", 1)


def _floor(name: str, value: float, unit: str, least: float | None) -> Measurement:
    return Measurement(name, value, unit, least, "higher", 1)


def _figure(name: str, value: float, unit: str, n: int) -> Measurement:
    return Measurement(name, value, unit, None, "", n)
