"""The table of figures by category, and the model that has not seen the examples."""

import random

import pytest

from scripts_library import load_checker
from scripts_library.checking.checker import Checker
from scripts_library.checking.paraphrase.examples import FEWEST
from scripts_library.checking.paraphrase.held_out import HeldOutModel
from scripts_library.checking.report import (
    BEGIN,
    END,
    as_table,
    measure,
    put_between_marks,
    read_wording,
)
from scripts_library.checking.verdict import BREACHES

ITEMS = [("急什么", ("impatience",)), ("您好", ("none",))]


@pytest.fixture(scope="module")
def lists() -> Checker:
    return load_checker(paraphrase=None)


def test_table_sets_lists_and_model_side_by_side(lists: Checker) -> None:
    rows = measure(lists, ITEMS)
    lines = as_table(rows, rows).splitlines()
    assert lines[0].count("召回率") == 2
    assert lines[2] == "| impatience | 1 | 1.000 | 1.000 | 1.000 | 1.000 |"
    assert lines[-1].startswith("| 无问题的回复（误报率） | 1 | 0.000 |")


def test_table_takes_the_place_between_the_marks() -> None:
    document = f"前\n{BEGIN}\n旧\n{END}\n后\n"
    written = put_between_marks(document, "新\n")
    assert written == f"前\n{BEGIN}\n新\n{END}\n后\n"
    assert put_between_marks(written, "新\n") == written
    with pytest.raises(ValueError, match="标记"):
        put_between_marks("前\n后\n", "新\n")


def test_held_out_model_knows_the_examples_only(tmp_path, lists: Checker) -> None:
    for name in (*BREACHES, "innocent"):
        chance = random.Random(name)
        letters = [[chr(chance.randrange(0x4E00, 0x5E00)) for _ in range(9)] for _ in range(FEWEST)]
        examples = ["".join(row) for row in letters]
        lines = "".join(f"  - {text}\n" for text in examples)
        (tmp_path / f"{name}.yml").write_text(
            f"category: {name}\nexamples:\n{lines}", encoding="utf-8"
        )
    model = HeldOutModel(tmp_path)
    both = Checker(lists.rule_set, paraphrases=model)
    assert model.detect("没写在例句里的一句话") is None
    rows = measure(both, read_wording(tmp_path))
    assert sum(row.texts for row in rows) == FEWEST * 14
