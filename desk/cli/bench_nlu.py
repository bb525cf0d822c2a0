"""How well and how fast the bot understands, measured on the trained model and its examples."""

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median, quantiles

from bot.evaluate import cross_validate, read_examples, render, summarise
from desk.bench_turn import own_services, own_settings
from desk.bot_client import BotClient
from desk.errors import DeskError, NotFound
from desk.settings import PROJECT_DIR, Settings
from desk.training import RASA_MODEL, rasa_environment
from scripts_library.measurement import Measurement

SAMPLE = 400
FIRST_QUESTION = "物业费是多少钱一平"


class MeasuringFailed(DeskError):
    """A process that was to be measured failed."""


def bench_nlu() -> Iterator[Measurement]:
    """Yield size and speed of the trained model, then what training and starting cost.

    Raises:
        NotFound: there is no trained model.
        MeasuringFailed: a process that was to be measured failed.
    """
    path = Settings().models_dir / RASA_MODEL
    if not path.exists():
        raise NotFound("errors.no_model")
    yield Measurement("模型大小", path.stat().st_size / 2**20, "MiB", 150, "lower", 1)
    yield from _parsing(path)
    yield from _starting()
    yield from _training()


def _parsing(path: Path) -> Iterator[Measurement]:
    """In a process of its own, by the code that the server runs for a message."""
    examples = read_examples()
    texts = [f"请问{example.text}呢" for example in examples[:: max(1, len(examples) // SAMPLE)]]
    command = [sys.executable, "-W", "ignore", "-m", "bot.timing", str(path)]
    done = subprocess.run(
        command,
        input="\n".join(texts),
        cwd=PROJECT_DIR,
        env=rasa_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise MeasuringFailed("errors.bench_failed", what="bot.timing")
    found = json.loads(done.stdout.splitlines()[-1])
    times_ms = found["times_ms"]
    n = len(times_ms)
    yield Measurement("载入模型（服务器内）", found["load_s"], "秒", None, "lower", 1)
    yield Measurement("解析一句，中位数（服务器内）", median(times_ms), "毫秒", None, "lower", n)
    p95 = quantiles(times_ms, n=20)[-1]
    yield Measurement("解析一句，p95（服务器内）", p95, "毫秒", 25, "lower", n)
    yield Measurement("服务器内存峰值", found["peak_mib"], "MiB", 4096, "lower", 1)


def _starting() -> Iterator[Measurement]:
    seconds = asyncio.run(_first_answer_s())
    yield Measurement("从启动到第一句回答", seconds, "秒", 30, "lower", 1)


async def _first_answer_s() -> float:
    with own_settings() as settings:
        begin = time.perf_counter()
        async with own_services(settings):
            token = settings.secret_values["rasa_token"]
            client = BotClient(settings.effective_rasa_urls, token, settings.rasa_timeout_s)
            try:
                await client.send("bench-first", FIRST_QUESTION)
                return time.perf_counter() - begin
            finally:
                await client.close()


def _training() -> Iterator[Measurement]:
    """From nothing, whatever Rasa's cache holds; the models in use are not touched."""
    with tempfile.TemporaryDirectory(prefix="kefu-bench-") as folder:
        command = [sys.executable, "-m", "rasa", "train", "--force", "--out", folder]
        command += ["--domain", "domain.yml", "--config", "config.yml"]
        command += ["--data", "data/nlu", "data/rules"]
        begin = time.perf_counter()
        with Path(folder, "log").open("w", encoding="utf-8") as log:
            child = subprocess.Popen(
                command, cwd=PROJECT_DIR, env=rasa_environment(), stdout=log, stderr=log
            )
            _, status, usage = os.wait4(child.pid, 0)
        seconds = time.perf_counter() - begin
    if os.waitstatus_to_exitcode(status):
        raise MeasuringFailed("errors.bench_failed", what="rasa train")
    yield Measurement("训练机器人模型", seconds, "秒", 360, "lower", 1)
    yield Measurement("训练内存峰值", usage.ru_maxrss / 1024, "MiB", 4096, "lower", 1)


def cross_validation_table() -> str:
    """Return the five-fold cross-validation per intent, with the worst confusions, in Markdown."""
    outcomes = cross_validate(read_examples())
    return render(summarise(outcomes), outcomes)
