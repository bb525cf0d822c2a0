"""Precision and recall of the checker per category on labelled texts (requirement R-G1).

`measure` counts, `as_table` writes the Markdown table of `docs/guide/wording.md`.
"""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from scripts_library.checking.checker import Checker
from scripts_library.checking.verdict import CATEGORIES, Severity
from scripts_library.paths import data_dir

NONE = "none"
BEGIN, END = "<!-- kefu rules report -->", "<!-- /kefu rules report -->"
_WHAT = ("召回率", "精确率")
_TITLES = {NONE: "无问题的回复（误报率）"}
Labelled = tuple[str, tuple[str, ...]]
"""A text and the labels of which any is right; `none` stands for innocent."""


@dataclass(frozen=True, slots=True)
class Row:
    """Counts of one category; `flagged` of its texts got any warn or block at all."""

    category: str
    texts: int
    flagged: int
    right: int
    wrong: int

    @property
    def recall(self) -> float:
        """Share of the category's texts that are flagged, whatever the category named."""
        return self.flagged / self.texts if self.texts else 0.0

    @property
    def precision(self) -> float:
        """Share of the texts flagged with this category that have its label."""
        total = self.right + self.wrong
        return self.right / total if total else 0.0


def measure(checker: Checker, items: Iterable[Labelled]) -> list[Row]:
    """Return one row a category and a last row `none` (its recall is the false-alarm share)."""
    texts: Counter[str] = Counter()
    flagged: Counter[str] = Counter()
    right: Counter[str] = Counter()
    wrong: Counter[str] = Counter()
    for text, labels in items:
        named = {f.category for f in checker.check(text).flags if f.severity > Severity.HINT}
        gold = labels[0]
        texts[gold] += 1
        flagged[gold] += bool(named)
        for category in named:
            (right if category in labels else wrong)[category] += 1
    names = [*(c for c in CATEGORIES if texts[c] or right[c] or wrong[c]), NONE]
    return [Row(n, texts[n], flagged[n], right[n], wrong[n]) for n in names]


def read_wording(folder: Path | None = None) -> list[Labelled]:
    """Return our own labelled examples of `data/wording` (innocent ones labelled `none`)."""
    items: list[Labelled] = []
    for file in sorted((folder or data_dir() / "wording").glob("*.yml")):
        content = yaml.safe_load(file.read_text(encoding="utf-8"))
        label = content["category"]
        gold = (label if label in CATEGORIES else NONE,)
        items += [(str(text), gold) for text in content["examples"]]
    return items


def read_labelled(file: Path) -> list[Labelled]:
    """Return the texts of a JSON-lines file of `{"text", "labels"}`, any label being right.

    A text whose annotators disagree on whether it is innocent is left out.
    """
    items: list[Labelled] = []
    for line in file.read_text(encoding="utf-8").splitlines():
        if line.strip():
            item = json.loads(line)
            labels = tuple(str(label) for label in item["labels"])
            if len({label == NONE for label in labels}) == 1:
                items.append((str(item["text"]), labels))
    return items


def as_table(rows: Sequence[Row], with_model: Sequence[Row] | None = None) -> str:
    """Return the rows as a Markdown table; `with_model` adds columns of the same categories."""
    columns = [rows] if with_model is None else [rows, with_model]
    names = ["名单", "名单加模型"]
    heads = [f"{name}{what}" for name, _ in zip(names, columns, strict=False) for what in _WHAT]
    lines = [_line("类别", "条数", *heads), _line("---", *["---:"] * (1 + len(heads)))]
    for same in zip(*columns, strict=True):
        cells = [cell for row in same for cell in _cells(row)]
        lines.append(_line(_TITLES.get(same[0].category, same[0].category), same[0].texts, *cells))
    return "\n".join(lines) + "\n"


def put_between_marks(document: str, table: str) -> str:
    """Return the document with the table in place of what stands between `BEGIN` and `END`.

    Raises:
        ValueError: if the marks are missing.
    """
    head, begin, rest = document.partition(BEGIN)
    _, end, tail = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"缺少标记 {BEGIN} 与 {END}")
    return f"{head}{begin}\n{table}{end}{tail}"


def _cells(row: Row) -> tuple[str, str]:
    return f"{row.recall:.3f}", "" if row.category == NONE else f"{row.precision:.3f}"


def _line(*cells: object) -> str:
    return "| " + " | ".join(map(str, cells)) + " |"
