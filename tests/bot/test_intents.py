from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import scripts_library.text.embedding as embed
from bot.evaluate import Example, accepted, cross_validate, read_examples, render, summarise
from bot.folding import fold
from bot.intents.augment import HOME_INTENTS, variants, with_variants
from bot.intents.features import GramSpace, grams
from bot.intents.model import IntentModel, train
from bot.intents.understanding import Understanding, train_on
from bot.words import segmenter

LESSONS = {
    "ask_price": ["多少钱", "总价多少", "什么价格", "单价多少", "这套卖多少钱", "报价多少"],
    "ask_title_deed": [
        "满二了吗",
        "有房产证吗",
        "满五唯一吗",
        "产权多少年",
        "有没有房本",
        "证下来没",
    ],
    "greet": ["你好", "在吗", "您好在不在", "早上好", "哈喽", "有人吗"],
}


class LetterEmbedder:
    """Counts a few letters: the same every time, needs nothing."""

    dim = 4

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        rows = [[text.count(c) for c in "价证好多"] for text in texts]
        return np.asarray(rows, dtype=np.float32)


@pytest.fixture
def _letters(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embed, "_embedder", LetterEmbedder())
    monkeypatch.setattr(embed, "_looked", True)


@pytest.fixture
def _no_embedder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embed, "_embedder", None)
    monkeypatch.setattr(embed, "_looked", True)


def taught(*, embedded: bool = True) -> IntentModel:
    texts = [text for texts in LESSONS.values() for text in texts]
    labels = [label for label, texts in LESSONS.items() for _ in texts]
    vectors = LetterEmbedder().encode(texts) if embedded else None
    return train_on(texts, labels, vectors, segmenter=segmenter())


def best(model: IntentModel, text: str) -> str:
    return Understanding(model, segmenter()).understand(fold(text)).ranking[0][0]


@pytest.mark.usefixtures("_letters")
@pytest.mark.parametrize(
    ("text", "intent"),
    [("請問總價多少？", "ask_price"), ("滿二了沒", "ask_title_deed"), ("你好啊", "greet")],
)
def test_understands_what_it_was_taught(text: str, intent: str) -> None:
    assert best(taught(), text) == intent


@pytest.mark.usefixtures("_no_embedder")
def test_a_model_trained_with_an_embedder_works_without() -> None:
    assert best(taught(), "总价多少钱") == "ask_price"


@pytest.mark.usefixtures("_letters")
def test_a_model_trained_without_an_embedder_ignores_one() -> None:
    assert best(taught(embedded=False), "总价多少钱") == "ask_price"


@pytest.mark.usefixtures("_letters")
def test_the_ranking_holds_every_intent_once_and_sums_to_one() -> None:
    ranking = Understanding(taught(), segmenter()).understand(fold("多少钱")).ranking
    assert sorted(name for name, _ in ranking) == sorted(LESSONS)
    assert sum(share for _, share in ranking) == pytest.approx(1)
    assert [s for _, s in ranking] == sorted((s for _, s in ranking), reverse=True)


@pytest.mark.usefixtures("_letters")
def test_of_two_questions_the_first_is_the_intent_and_both_are_listed() -> None:
    text = "你好！有房產證嗎？總價多少？"
    understood = Understanding(taught(), segmenter()).understand(fold(text))
    asked = [(q.intent, text[q.start : q.end]) for q in understood.questions]
    assert asked == [("ask_title_deed", "有房產證嗎"), ("ask_price", "總價多少")]
    assert understood.ranking[0][0] == "ask_title_deed"


@pytest.mark.usefixtures("_letters")
def test_one_question_is_not_listed_twice() -> None:
    understanding = Understanding(taught(), segmenter())
    assert understanding.understand(fold("总价多少？多少钱？")).questions == ()


@pytest.mark.usefixtures("_letters")
def test_a_saved_model_answers_the_same(tmp_path: Path) -> None:
    model = taught()
    model.save(tmp_path)
    loaded = IntentModel.load(tmp_path)
    document, vector = grams("多少钱", ["多少", "钱"]), LetterEmbedder().encode(["多少钱"])[0]
    for (a, p), (b, q) in zip(
        model.predict(document, vector), loaded.predict(document, vector), strict=True
    ):
        assert (a, p) == (b, pytest.approx(q, abs=1e-2))


@pytest.mark.usefixtures("_letters")
@settings(deadline=None, max_examples=50)
@given(st.text(max_size=100))
def test_any_text_gets_a_ranking(text: str) -> None:
    ranking = Understanding(taught_once(), segmenter()).understand(fold(text)).ranking
    assert all(np.isfinite(share) for _, share in ranking)


_taught: list[IntentModel] = []


def taught_once() -> IntentModel:
    if not _taught:
        _taught.append(taught())
    return _taught[0]


def test_one_intent_can_not_be_trained() -> None:
    with pytest.raises(ValueError, match="两种"):
        train([Counter({"a": 1})], ["greet"], None)


def test_figures_are_masked_and_borders_kept() -> None:
    assert grams("134万", ["134", "万"]) == grams("98.5万", ["98.5", "万"])
    assert grams("吗", ["吗"])["\x02吗\x03"] == 1


def test_grams_of_a_long_message_are_bounded() -> None:
    assert sum(grams("楼" * 10_000, ["楼"] * 10).values()) < 3000


def test_rows_have_length_one_or_nothing() -> None:
    space = GramSpace.fit([Counter("多少"), Counter("多钱")], fewest=1)
    rows = space.rows([Counter("多少多"), Counter("无")]).toarray()
    assert np.linalg.norm(rows, axis=1) == pytest.approx([1, 0])


def test_variants_are_repeatable_and_only_of_questions_about_homes() -> None:
    assert variants("能看房吗", "ask_viewing") == variants("能看房吗", "ask_viewing")
    assert variants("你好", "greet") == []
    made = with_variants(["能看房吗", "你好"], ["ask_viewing", "greet"])
    assert [i for _, i in made] == [0, 1, 0, 0]


def test_cross_validation_tells_the_worst_first() -> None:
    examples = [Example(t, label) for label, texts in LESSONS.items() for t in texts]
    outcomes = cross_validate(examples, folds=3)
    report = summarise(outcomes)
    assert len(outcomes) == len(examples)
    assert [f.recall for f in report.figures] == sorted(f.recall for f in report.figures)
    assert sum(c.count for c in report.confusions) == sum(not o.is_right for o in outcomes)
    assert accepted(outcomes, 0.0)[0] == 1.0
    assert "ask_price" in render(report, outcomes)


def test_examples_are_read_from_every_file(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text(
        'version: "3.1"\nnlu:\n  - intent: greet\n    examples: |\n      - 在吗\n      - - 杠\n',
        encoding="utf-8",
    )
    assert read_examples(tmp_path) == [Example("在吗", "greet"), Example("- 杠", "greet")]


def test_every_home_intent_has_examples_enough() -> None:
    counted = Counter(example.intent for example in read_examples())
    assert {intent: counted[intent] for intent in HOME_INTENTS if counted[intent] < 120} == {}


def test_no_example_teaches_two_intents() -> None:
    by_text: dict[str, set[str]] = {}
    for example in read_examples():
        by_text.setdefault(fold(example.text).text.strip(), set()).add(example.intent)
    assert {
        text: intents for text, intents in by_text.items() if len(intents) > 1 and len(text) > 1
    } == {}
