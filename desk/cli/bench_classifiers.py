"""The table of classifiers in docs/guide/nlu.md."""

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from bot.comparison import Labelled, Row, compare
from bot.evaluate import read_examples
from desk.cli.bench_nlu import MeasuringFailed
from desk.settings import PROJECT_DIR
from desk.training import rasa_environment

LABELLED = PROJECT_DIR.parent / "shared" / "bench"
SETS = ("homes", "service")


def labelled() -> dict[str, Labelled]:
    """Return the labelled messages of the development data by name; empty where there are none."""
    found = {name: LABELLED / f"intents_{name}.dev.jsonl" for name in SETS}
    return {name: _read(path) for name, path in found.items() if path.exists()}


def bench_classifiers(*, epochs: int, folds: int) -> Iterator[str]:
    """Yield the lines of a Markdown table as they are measured.

    Args:
        epochs: of DIET; 0 leaves it out.
        folds: of the cross-validation; 0 leaves it out.
    """
    others = labelled()
    yield f"| classifier | {' | '.join(others)} | cross-validation | train s | parse ms |"
    yield "|---" * (len(others) + 4) + "|"
    for row in compare(read_examples(), others, folds=folds):
        yield _line(row, list(others))
    if epochs:
        yield _line(_diet(epochs, others), list(others))


def _diet(epochs: int, others: dict[str, Labelled]) -> Row:
    texts = [" ".join(text.split()) for set_ in others.values() for text, _ in set_]
    command = [sys.executable, "-W", "ignore", "-m", "bot.diet", str(epochs)]
    done = subprocess.run(
        command,
        input="\n".join(texts or ["你好"]),
        cwd=PROJECT_DIR,
        env=rasa_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise MeasuringFailed("errors.bench_failed", what="bot.diet")
    found = json.loads(done.stdout.splitlines()[-1])
    intents, accuracies = iter(found["intents"]), {}
    for name, set_ in others.items():
        accuracies[name] = sum(next(intents) in labels for _, labels in set_) / len(set_)
    title = f"DIET, {epochs} epochs"
    return Row(title, accuracies, None, found["train_s"], found["parse_ms"])


def _line(row: Row, names: Sequence[str]) -> str:
    right = " | ".join(f"{row.accuracies[name]:.3f}" for name in names)
    held = "-" if row.cross_validation is None else f"{row.cross_validation:.3f}"
    return f"| {row.name} | {right} | {held} | {row.train_s:.1f} | {row.parse_ms:.2f} |"


def _read(path: Path) -> Labelled:
    items = (json.loads(line) for line in path.read_text(encoding="utf-8").splitlines())
    return [(item["text"], item["labels"]) for item in items]
