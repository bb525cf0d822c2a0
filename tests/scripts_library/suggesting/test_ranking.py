"""Ranking replies: made data, question forms, training, and what the trained ranker prefers."""

import random
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scripts_library.suggesting.library import load_scripts, topic_names
from scripts_library.suggesting.ranking import ranker as rank_module
from scripts_library.suggesting.ranking.examples import NO_ANSWER, YES_NO, expand, read_replies
from scripts_library.suggesting.ranking.ranker import MAX_CANDIDATES, Ranker, rank
from scripts_library.suggesting.ranking.reply_pieces import (
    asks_back,
    form_of,
    has_number,
    is_short_answer,
    plain,
)
from scripts_library.suggesting.ranking.training import own_precision_at_1, train
from scripts_library.suggesting.topic_vectors import (
    TopicVectors,
    read_typed_questions,
    training_examples,
)
from scripts_library.suggesting.topic_vectors import train as train_topics

CASES = [
    ("请问这套的底价能到多少呀", ["您贵姓", "看中可以谈，最低九十万", "朝南的"]),
    ("哪天可以过去看房", ["两梯四户", "后天下午我约业主", "契税一个点"]),
    ("可以贷款买吗", ["您好", "能按揭的", "采光很好"]),
    ("孩子上哪个小学", ["户型方正", "划片是新村小学", "加您微信吧"]),
    ("房子在第几层", ["十六层，总高二十", "满五唯一", "好的呢"]),
    ("临不临马路呢吵吗", ["不临街，很安静的", "首付三成", "😁"]),
    ("个税要不要交", ["满五唯一没有个税", "有电梯的", "您什么时候有空"]),
    ("精装修的吗", ["是精装的，家电都留", "三号线旁边", "您方便留个电话吗"]),
    ("证满几年了呀", ["刚满两年", "看房提前约", "嗯"]),
    ("停车方便吗有车位没", ["地下车位可以租", "价格还能谈", "在的"]),
    ("物业费一个月怎么收", ["一块八一平", "随时能看", "知道了"]),
    ("在小区哪一栋", ["3号楼靠南门", "中介费一个点", "稍等"]),
]
"""Own questions; the second or first candidate answers, by `ANSWERS`."""

ANSWERS = [1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0]


@pytest.fixture(scope="session")
def topics() -> TopicVectors:
    examples = training_examples(load_scripts())
    typed = read_typed_questions()
    return train_topics([*typed, *examples[::5]])


@pytest.fixture(scope="session")
def ranker(topics: TopicVectors) -> Ranker:
    return train(topics)


@pytest.fixture
def no_models(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """No trained files, no embedder."""
    monkeypatch.setenv("KEFU_MODELS_DIR", str(tmp_path))
    monkeypatch.setattr(rank_module, "get_embedder", lambda: None)
    rank_module._default_ranker.cache_clear()
    yield
    rank_module._default_ranker.cache_clear()


@pytest.mark.parametrize(
    ("question", "form"),
    [
        ("能看房吗", (True, False, False)),
        ("有没有电梯", (True, False, False)),
        ("多少钱", (False, True, True)),
        ("什么时候能看房呢？", (False, True, False)),
        ("中学呢", (False, True, False)),
        ("想买个房", (False, False, False)),
        ("", (False, False, False)),
    ],
)
def test_form_of_a_question(question: str, form: tuple[bool, bool, bool]) -> None:
    found = form_of(question)
    assert (found.whether, found.which, found.amount) == form


@pytest.mark.parametrize(
    ("reply", "short", "back", "number"),
    [
        ("可以的", True, False, False),
        ("不是哦", True, False, False),
        ("没问题，明天", True, False, False),
        ("三百二十万", False, False, True),
        ("您什么时候有空", False, True, False),
        ("87 万", False, False, True),
    ],
)
def test_what_is_seen_of_a_reply(reply: str, short: bool, back: bool, number: bool) -> None:
    assert (is_short_answer(reply), asks_back(reply), has_number(reply)) == (short, back, number)


def test_plain_folds_script_width_digits_and_length() -> None:
    assert plain("總價 98.5萬！！") == "总价#万,"
    assert len(plain("长" * 10_000)) == 120


def test_expand_chooses_drops_and_fills() -> None:
    rng = random.Random(3)
    made = {expand("(甲|乙)〈层〉(了)?", {"层": [5, "顶楼"]}, rng) for _ in range(200)}
    assert made == {a + b + c for a in "甲乙" for b in ("5", "顶楼") for c in ("", "了")}


def test_replies_are_many_and_of_known_topics() -> None:
    replies = read_replies()
    labels = {topic for reply in replies for topic in reply.topics}
    assert len(replies) > 5000
    assert labels - {YES_NO, NO_ANSWER} <= set(topic_names())
    assert not [r.text for r in replies if set("()|〈〉") & set(r.text)]
    assert replies == read_replies()


def test_questions_are_of_the_topics_that_replies_answer() -> None:
    labels = {topic for reply in read_replies() for topic in reply.topics}
    assert {topic for _, topic in read_typed_questions()} == labels - {YES_NO, NO_ANSWER}


def test_the_trained_ranker_answers_own_questions(ranker: Ranker) -> None:
    best = [int(np.argmax(ranker.scores(query, replies))) for query, replies in CASES]
    assert sum(map(int.__eq__, best, ANSWERS)) >= len(CASES) - 1


def test_own_cross_validation_is_well_above_chance(topics: TopicVectors) -> None:
    assert own_precision_at_1(topics) > 0.7


def test_stored_and_loaded_it_scores_the_same(ranker: Ranker, tmp_path: Path) -> None:
    path = tmp_path / rank_module.MODEL_NAME
    rank_module._write(path, ranker)
    assert Ranker.load(path) is None, "the topic vectors are missing beside it"
    ranker.topics.save(path.with_name(rank_module.TOPICS_NAME))
    loaded = Ranker.load(path)
    assert loaded is not None
    for query, replies in CASES:
        assert loaded.scores(query, replies) == pytest.approx(
            ranker.scores(query, replies), abs=0.05
        )


@pytest.mark.parametrize("damage", [b"", b"PK\x03\x04", b"\x00" * 100])
def test_a_damaged_model_counts_as_none(tmp_path: Path, damage: bytes) -> None:
    path = tmp_path / "ranking.npz"
    path.write_bytes(damage)
    assert Ranker.load(path) is None
    assert TopicVectors.load(path) is None


def test_without_models_or_embedder_shared_characters_decide(no_models: None) -> None:
    assert rank("有没有电梯", ["您贵姓", "有电梯的", "好的"])[0] == 1


@given(st.text(max_size=60), st.lists(st.text(max_size=200), max_size=6))
@settings(max_examples=40, deadline=None)
def test_any_texts_give_an_order_of_all(ranker: Ranker, query: str, candidates: list[str]) -> None:
    if candidates:
        assert np.isfinite(ranker.scores(query, candidates)).all()


def test_bad_input_is_refused(no_models: None) -> None:
    assert rank("多少钱", []) == []
    assert rank("", ["", "甲"]) == [0, 1]
    with pytest.raises(TypeError, match="文字"):
        rank("多少钱", ["甲", None])  # type: ignore[list-item]
    with pytest.raises(ValueError, match=str(MAX_CANDIDATES)):
        rank("多少钱", ["甲"] * (MAX_CANDIDATES + 1))
