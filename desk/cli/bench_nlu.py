"""How well and how fast the bot understands, measured on the trained model and its examples."""

import time
from collections.abc import Iterator
from statistics import median, quantiles

from bot.evaluate import cross_validate, read_examples, render, summarise
from bot.parse import load_parser
from desk.errors import NotFound
from desk.settings import Settings
from desk.training import RASA_MODEL
from scripts_library.measurement import Measurement

SAMPLE = 400


def bench_nlu() -> Iterator[Measurement]:
    """Yield size, loading time and parsing time of the trained model.

    Raises:
        NotFound: there is no trained model.
    """
    path = Settings().models_dir / RASA_MODEL
    if not path.exists():
        raise NotFound("errors.no_model")
    yield Measurement("模型大小", path.stat().st_size / 2**20, "MiB", 150, "lower", 1)
    begin = time.perf_counter()
    parser = load_parser(path)
    yield Measurement("载入模型", time.perf_counter() - begin, "秒", 30, "lower", 1)
    examples = read_examples()
    texts = [f"请问{example.text}呢" for example in examples[:: max(1, len(examples) // SAMPLE)]]
    times_ms = []
    for text in texts:
        begin = time.perf_counter()
        parser.parse(text)
        times_ms.append((time.perf_counter() - begin) * 1000)
    yield Measurement("解析一句，中位数", median(times_ms), "毫秒", None, "lower", len(texts))
    yield Measurement(
        "解析一句，p95", quantiles(times_ms, n=20)[-1], "毫秒", 25, "lower", len(texts)
    )


def cross_validation_table() -> str:
    """Return the five-fold cross-validation per intent, with the worst confusions, in Markdown."""
    outcomes = cross_validate(read_examples())
    return render(summarise(outcomes), outcomes)
