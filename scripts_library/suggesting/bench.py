"""Speed and fitness of the suggestions, for `kefu bench suggest`. Measures; never judges."""

import resource
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from time import perf_counter

from scripts_library.measurement import Measurement
from scripts_library.suggesting.library import Script, load_scripts
from scripts_library.suggesting.suggester import Suggester, SuggestionContext
from scripts_library.suggesting.topic_vectors import read_typed_questions

LIBRARY_SIZE = 10_000
CHANGES = 50
OFF_SUBJECT = (
    "红烧肉怎么做好吃", "今天股票涨了没", "帮我写首诗", "明天会下雨吗", "周杰伦新歌叫什么",
    "世界杯谁赢了", "推荐一部电影", "高铁票怎么抢", "感冒吃什么药", "孩子数学题不会",
    "英语怎么翻译这句", "附近哪家火锅好吃", "减肥有什么办法", "比特币多少钱", "机票能退吗",
    "身份证丢了怎么补", "驾照扣分怎么查", "猫咪不吃饭怎么办", "手机屏碎了", "奶茶哪家好喝",
    "asdfgh", "哈哈哈哈哈", "……", "唐朝有几个皇帝", "怎么学吉他",
)  # fmt: skip
"""Own messages that no script of the library answers."""


def enlarge(scripts: Sequence[Script], size: int) -> list[Script]:
    """Return `size` scripts: the given ones and numbered variants with own wording."""
    made = list(scripts)
    while len(made) < size:
        number, origin = len(made), scripts[len(made) % len(scripts)]
        place = f"{number // 100}号楼{number % 100}室"
        made.append(
            replace(
                origin,
                id=f"{origin.id}-{number}",
                text=f"{place}：{origin.text}",
                asks=tuple(f"{place}{ask}" for ask in origin.asks),
            )
        )
    return made[:size]


def bench_suggest() -> list[Measurement]:
    """Return the figures, measured on the project's own scripts enlarged to `LIBRARY_SIZE`."""
    scripts = load_scripts()
    with TemporaryDirectory() as folder:
        return [*_fitness(Suggester(scripts)), *_speed(scripts, Path(folder))]


def _speed(scripts: Sequence[Script], folder: Path) -> Iterator[Measurement]:
    many = enlarge(scripts, LIBRARY_SIZE)
    started = perf_counter()
    suggester = Suggester(many, cache_dir=folder)
    yield Measurement("suggest.index_build", perf_counter() - started, "s", 60, "lower", 1)
    started = perf_counter()
    Suggester(many, cache_dir=folder)
    yield Measurement("suggest.index_from_cache", perf_counter() - started, "s", None, "lower", 1)
    contexts = [_context(text) for text, _ in read_typed_questions()]
    times = [_milliseconds(partial(suggester.suggest, context)) for context in contexts]
    yield Measurement("suggest.median", median(times), "ms", 15, "lower", len(times))
    p99 = quantiles(times, n=100)[-1]
    yield Measurement("suggest.p99", p99, "ms", None, "lower", len(times))
    changed = [replace(script, text=f"{script.text}谢谢！") for script in many[:CHANGES]]
    updates = [_milliseconds(partial(suggester.update, one)) for one in changed]
    yield Measurement("suggest.update_one", max(updates), "ms", 50, "lower", len(updates))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    yield Measurement("suggest.memory_peak", peak, "MB", None, "lower", 1)


def _fitness(suggester: Suggester) -> Iterator[Measurement]:
    """How often three or more are offered for business questions, and none for others."""
    questions = read_typed_questions()
    enough = sum(
        len(suggester.suggest(_context(text, intent=topic))) >= 3 for text, topic in questions
    )
    yield Measurement(
        "suggest.three_or_more", enough / len(questions), "share", 1.0, "higher", len(questions)
    )
    quiet = sum(not suggester.suggest(_context(text)) for text in OFF_SUBJECT)
    yield Measurement(
        "suggest.nothing_for_off_subject",
        quiet / len(OFF_SUBJECT),
        "share",
        None,
        "higher",
        len(OFF_SUBJECT),
    )


def _context(text: str, intent: str | None = None) -> SuggestionContext:
    return SuggestionContext(messages=(("customer", text),), intent=intent)


def _milliseconds(call: Callable[[], object]) -> float:
    started = perf_counter()
    call()
    return (perf_counter() - started) * 1000
