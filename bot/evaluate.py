"""Cross-validation of the intent model on our own examples, for `make bench` and the guide.

Own examples are easier than strangers' messages in one way (one hand wrote them) and harder in
another (near-duplicates are few); `bench/score.py` measures the strangers' side.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from ruamel.yaml import YAML

from bot.folding import fold
from bot.intents.understanding import Understanding, train_on
from bot.intents.vectors import embed_folded
from bot.lexicon import load_lexicon
from bot.words import segmenter
from scripts_library.paths import data_dir

SEED = 11


@dataclass(frozen=True, slots=True)
class Example:
    """An example of the training data."""

    text: str
    intent: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a model that had not seen an example made of it."""

    example: Example
    intent: str
    confidence: float

    @property
    def is_right(self) -> bool:
        return self.intent == self.example.intent


@dataclass(frozen=True, slots=True)
class IntentFigures:
    """Figures of one intent: 0-1, `n` examples."""

    intent: str
    n: int
    recall: float
    precision: float


@dataclass(frozen=True, slots=True)
class Confusion:
    """How often one intent was taken for another, with one example of it."""

    actual: str
    taken_for: str
    count: int
    sample: str


@dataclass(frozen=True, slots=True)
class Report:
    """Figures over all folds; `figures` worst recall first, `confusions` most frequent first."""

    accuracy: float
    macro_recall: float
    mean_confidence: float
    figures: tuple[IntentFigures, ...]
    confusions: tuple[Confusion, ...]


def read_examples(folder: Path | None = None) -> list[Example]:
    """Return the examples of every `data/nlu/*.yml`, in file order."""
    found = []
    for path in sorted((folder or data_dir() / "nlu").glob("*.yml")):
        content = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
        for block in content.get("nlu") or []:
            lines = (line.strip() for line in str(block.get("examples", "")).splitlines())
            texts = [line.removeprefix("- ").strip() for line in lines if line]
            found += [Example(text, block["intent"]) for text in texts if text]
    return found


def cross_validate(examples: Sequence[Example], folds: int = 5) -> list[Outcome]:
    """Train on all folds but one and understand that one, in turn (minutes for 8,000 examples)."""
    words = segmenter(tuple(load_lexicon().words()))
    folded = [fold(example.text) for example in examples]
    vectors = embed_folded([text.text for text in folded])
    outcomes = []
    for held in fold_indices(examples, folds):
        taught = [i for i in range(len(examples)) if i not in held]
        model = train_on(
            [folded[i].text for i in taught],
            [examples[i].intent for i in taught],
            None if vectors is None else vectors[taught],
            segmenter=words,
        )
        understanding = Understanding(model, words)
        for i in sorted(held):
            vector = None if vectors is None else vectors[i]
            intent, confidence = understanding.understand(folded[i], vector).ranking[0]
            outcomes.append(Outcome(examples[i], intent, confidence))
    return outcomes


def fold_indices(examples: Sequence[Example], folds: int) -> list[frozenset[int]]:
    """Return the indices of each fold; every intent is spread over all, always the same way."""
    by_intent: dict[str, list[int]] = defaultdict(list)
    for i, example in enumerate(examples):
        by_intent[example.intent].append(i)
    parts: list[list[int]] = [[] for _ in range(folds)]
    dice = Random(SEED)
    for indices in by_intent.values():
        dice.shuffle(indices)
        for place, i in enumerate(indices):
            parts[place % folds].append(i)
    return [frozenset(part) for part in parts]


def summarise(outcomes: Sequence[Outcome]) -> Report:
    """Return the figures of a cross-validation; at least one outcome."""
    actual = Counter(o.example.intent for o in outcomes)
    taken = Counter(o.intent for o in outcomes)
    right = Counter(o.intent for o in outcomes if o.is_right)
    figures = tuple(
        IntentFigures(intent, n, right[intent] / n, right[intent] / max(1, taken[intent]))
        for intent, n in actual.items()
    )
    return Report(
        accuracy=sum(right.values()) / len(outcomes),
        macro_recall=sum(f.recall for f in figures) / len(figures),
        mean_confidence=sum(o.confidence for o in outcomes) / len(outcomes),
        figures=tuple(sorted(figures, key=lambda f: (f.recall, f.intent))),
        confusions=_confusions(o for o in outcomes if not o.is_right),
    )


def _confusions(wrong: Iterable[Outcome]) -> tuple[Confusion, ...]:
    pairs: dict[tuple[str, str], list[str]] = defaultdict(list)
    for outcome in wrong:
        pairs[outcome.example.intent, outcome.intent].append(outcome.example.text)
    found = [Confusion(a, b, len(texts), texts[0]) for (a, b), texts in pairs.items()]
    return tuple(sorted(found, key=lambda c: (-c.count, c.actual, c.taken_for)))


def accepted(outcomes: Sequence[Outcome], threshold: float) -> tuple[float, float]:
    """Return the share of messages at or above a threshold, and how many of them are right."""
    kept = [outcome for outcome in outcomes if outcome.confidence >= threshold]
    right = sum(outcome.is_right for outcome in kept)
    return len(kept) / max(1, len(outcomes)), right / max(1, len(kept))


def render(report: Report, outcomes: Sequence[Outcome], confusions: int = 15) -> str:
    """Return the report as a Markdown table for people."""
    head = (
        f"正确率 {report.accuracy:.3f}，宏平均召回 {report.macro_recall:.3f}，"
        f"平均置信度 {report.mean_confidence:.3f}，{len(outcomes)} 句\n"
    )
    rows = [f"| {f.intent} | {f.n} | {f.recall:.2f} | {f.precision:.2f} |" for f in report.figures]
    mixed = [
        f"| {c.actual} | {c.taken_for} | {c.count} | {c.sample} |"
        for c in report.confusions[:confusions]
    ]
    steps = [(t / 10, *accepted(outcomes, t / 10)) for t in range(2, 8)]
    limits = [f"| {t:.1f} | {share:.3f} | {right:.3f} |" for t, share, right in steps]
    return "\n".join(
        [
            *(head, "| 意图 | 例句 | 召回 | 精确 |", "|---|---|---|---|", *rows),
            *("", "| 应为 | 认作 | 次数 | 例 |", "|---|---|---|---|", *mixed),
            *("", "| 阈值 | 接受比例 | 其中正确 |", "|---|---|---|", *limits),
        ]
    )
