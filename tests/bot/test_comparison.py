"""The table of classifiers: our model and the table's first row are the same thing."""

import json

import pytest

from bot.comparison import candidates, compare
from bot.diet import OURS, config_with_diet
from bot.evaluate import Example
from desk.cli import bench_classifiers
from tests.bot.test_intents import LESSONS, LetterEmbedder

EXAMPLES = [Example(text, intent) for intent, texts in LESSONS.items() for text in texts]
OTHERS = {"homes": [("总价是多少钱", ["ask_price"]), ("満二了没有", ["ask_title_deed"])]}


@pytest.fixture(autouse=True)
def letters(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.intents.vectors.get_embedder", LetterEmbedder)


def test_every_candidate_is_measured() -> None:
    rows = list(compare(EXAMPLES, OTHERS, folds=2))
    assert [row.name for row in rows] == [candidate.name for candidate in candidates()]
    for row in rows:
        assert 0 <= row.accuracies["homes"] <= 1
        assert row.cross_validation is not None
        assert 0 <= row.cross_validation <= 1
        assert row.train_s >= 0


def test_a_learnt_question_is_known() -> None:
    first = next(compare(EXAMPLES, {"own": [("多少钱", ["ask_price"])]}, folds=0))
    assert (first.accuracies["own"], first.cross_validation) == (1.0, None)


def test_diet_takes_the_place_of_our_classifier() -> None:
    ours = {
        "recipe": "default.v1",
        "language": "zh",
        "assistant_id": "kefu",
        "pipeline": [{"name": "bot.components.folding.TextNormalizer"}, {"name": OURS}],
    }
    names = [step["name"] for step in config_with_diet(ours, 3)["pipeline"]]
    assert names == [
        "bot.components.folding.TextNormalizer",
        "CountVectorsFeaturizer",
        "CountVectorsFeaturizer",
        "DIETClassifier",
    ]


def test_the_table_is_markdown(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("labelled")
    item = {"text": "总价多少", "labels": ["ask_price"]}
    (folder / "intents_homes.dev.jsonl").write_text(json.dumps(item) + "\n", encoding="utf-8")
    monkeypatch.setattr(bench_classifiers, "LABELLED", folder)
    monkeypatch.setattr(bench_classifiers, "read_examples", lambda: EXAMPLES)
    lines = list(bench_classifiers.bench_classifiers(epochs=0, folds=0))
    assert lines[0] == "| classifier | homes | cross-validation | train s | parse ms |"
    assert len({line.count("|") for line in lines}) == 1
    assert "| linear SVM | 1.000 | - |" in lines[2]
