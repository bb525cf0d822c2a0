"""Suggestions: fill-ins, fitting and honest silence, feedback, changes of scripts, the cache."""

import dataclasses
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import bm25s
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scripts_library.errors import TextError
from scripts_library.suggesting.bench import OFF_SUBJECT, bench_suggest, enlarge
from scripts_library.suggesting.bm25 import K1, B, Bm25Index
from scripts_library.suggesting.feedback import MAX_WORDS, FeedbackStats
from scripts_library.suggesting.library import STEPS, Script, load_scripts, topic_names
from scripts_library.suggesting.suggester import (
    MAX_QUERY,
    Suggester,
    Suggestion,
    SuggestionContext,
    customer_text,
    fill_in,
)
from scripts_library.suggesting.topic_vectors import TopicVectors, train, training_examples
from scripts_library.suggesting.words import words_of

QUESTIONS = {
    "greet": "您好有人在不",
    "goodbye": "那就先这样拜拜啦",
    "thank": "太感谢你了",
    "affirm": "可以的就这么办",
    "deny": "不用了不需要",
    "bot_challenge": "你到底是不是机器人",
    "request_human": "给我转人工客服",
    "cancel_form": "我不想填了取消吧",
    "out_of_scope": "给我讲个笑话",
    "ask_price": "这套房总价要多少",
    "ask_discount": "价格还能再便宜点不",
    "ask_tax_fee": "过户的税费一共多少",
    "ask_payment": "首付要几成能贷款吗",
    "ask_layout": "几室几厅多大面积",
    "ask_floor": "在几楼有没有电梯",
    "ask_light_noise": "采光好不好临街吗",
    "ask_decoration": "是精装还是毛坯",
    "ask_school": "对口的小学是哪个",
    "ask_location": "小区具体在什么位置",
    "ask_amenities": "附近有地铁和商场吗",
    "ask_parking": "有没有停车位",
    "ask_title_deed": "房产证满五年了吗",
    "ask_viewing": "周末能去看房吗",
    "ask_listing": "还有别的房源推荐吗",
    "ask_home_overview": "介绍一下这套房子",
    "ask_property_fee": "物业费一个月多少",
    "ask_product": "断桥铝窗用的什么玻璃",
    "ask_order_status": "我订的门什么时候发货",
    "change_order": "收货地址写错了想改",
    "cancel_order": "我想把订单取消",
    "ask_refund": "货有问题怎么退款",
    "ask_shop_payment": "可以开发票吗",
    "ask_installation": "什么时候上门量尺寸安装",
    "ask_maintenance": "门窗保修几年怎么保养",
    "request_repair": "厨房水管漏水要报修",
    "ask_renovation_rules": "装修要办什么手续交多少押金",
    "ask_service_desk": "物业服务中心几点上班",
    "file_complaint": "我要投诉你们没人管",
    "ask_ticket_progress": "我的投诉处理到哪一步了",
    "make_suggestion": "给你们提个建议",
    "give_praise": "你们师傅服务真好要表扬",
    "ask_privacy": "我的个人信息你们怎么用",
}
"""One own question for each intent."""


@pytest.fixture(scope="session")
def scripts() -> tuple[Script, ...]:
    return load_scripts()


@pytest.fixture(scope="session")
def vectors(scripts: tuple[Script, ...]) -> TopicVectors:
    """Trained on every sixth own example: quick, and good enough for clear questions."""
    asks = [(ask, script.topic) for script in scripts for ask in script.asks]
    return train([*asks, *training_examples(scripts)[len(asks) :: 6]])


@pytest.fixture
def suggester(scripts: tuple[Script, ...], vectors: TopicVectors) -> Suggester:
    return Suggester(scripts, embedder=vectors)


LEXICAL = Suggester(load_scripts()[:60], embedder=None)


def asked(text: str, **known: object) -> SuggestionContext:
    return SuggestionContext(messages=(("customer", text),), **known)  # type: ignore[arg-type]


def test_fill_in_puts_known_values_and_names_the_missing() -> None:
    text, missing = fill_in("{agent_name}：工单{ticket_no}，{deadline}前。", {"ticket_no": "T7"})
    assert text == "【请填写：客服姓氏】：工单T7，【请填写：答复时间】前。"
    assert missing == ("agent_name", "deadline")


def test_fill_in_does_not_fill_values_again_and_bounds_them() -> None:
    known = {"price": "{deadline}\n" + "9" * 500, "deadline": "今天"}
    text, missing = fill_in("{price}", known)
    assert text.startswith("{deadline} 9")
    assert len(text) == 100
    assert missing == ()


@pytest.mark.parametrize(
    ("messages", "expected"),
    [
        ((), ""),
        ((("customer", "在吗"),), "在吗"),
        ((("customer", "旧"), ("agent", "好"), ("customer", "甲"), ("customer", "乙")), "甲，乙"),
        ((("customer", "多少钱"), ("agent", "稍等")), "多少钱"),
        ((("agent", "您好"),), ""),
        ((("customer", "……？？"),), ""),
        ((("customer", "长" * 1_000_000),), "长" * MAX_QUERY),
    ],
)
def test_customer_text_is_the_turn_to_answer(
    messages: tuple[tuple[str, str], ...], expected: str
) -> None:
    assert customer_text(messages) == expected


@pytest.mark.parametrize("message", [("customer", None), ("customer", b"x"), ("customer",)])
def test_messages_of_another_shape_are_refused(suggester: Suggester, message: object) -> None:
    with pytest.raises(TextError):
        suggester.suggest(SuggestionContext(messages=(message,)))  # type: ignore[arg-type]


def test_the_questions_cover_every_intent() -> None:
    intents = list(topic_names())[: len(QUESTIONS)]
    assert list(QUESTIONS) == intents


@pytest.mark.parametrize("intent", QUESTIONS)
def test_three_suggestions_of_the_topic_for_each_intent(suggester: Suggester, intent: str) -> None:
    found = suggester.suggest(asked(QUESTIONS[intent], intent=intent))
    assert len(found) == 3
    assert topic_of(suggester, found[0].script_id) == intent
    assert [s.score for s in found] == sorted((s.score for s in found), reverse=True)
    assert all(0 <= s.score <= 1 for s in found)


def test_most_questions_need_no_intent(suggester: Suggester) -> None:
    hits = [
        topic_of(suggester, found[0].script_id) == intent
        for intent, question in QUESTIONS.items()
        if (found := suggester.suggest(asked(question)))
    ]
    assert sum(hits) >= 0.8 * (len(QUESTIONS) - 1)


def test_nothing_for_most_messages_off_the_subject(suggester: Suggester) -> None:
    quiet = [text for text in OFF_SUBJECT if not suggester.suggest(asked(text))]
    assert len(quiet) >= 0.5 * len(OFF_SUBJECT)


def test_declining_scripts_only_if_the_caller_says_so(suggester: Suggester) -> None:
    said = suggester.suggest(asked("红烧肉怎么做", intent="out_of_scope"))
    assert {topic_of(suggester, s.script_id) for s in said} == {"out_of_scope"}


@pytest.mark.parametrize("step", ["apology", "ask_phone", "survey", "restate", "transfer"])
def test_a_step_brings_its_scripts_even_without_words(suggester: Suggester, step: str) -> None:
    found = suggester.suggest(SuggestionContext(messages=(), step=step))
    assert len(found) == 3
    assert all(f"适合当前步骤：{STEPS[step]}" in s.reason for s in found)


def test_ticket_state_prefers_suiting_steps(suggester: Suggester) -> None:
    context = asked("上次那件事处理完了吗", intent="file_complaint", ticket_state="resolved")
    found = suggester.suggest(context)
    plain = suggester.suggest(dataclasses.replace(context, ticket_state="no_such_state"))
    steps = [script.step for s in found if (script := suggester.get(s.script_id))]
    assert set(steps) <= {"result", "survey"}
    assert [s.script_id for s in plain] != [s.script_id for s in found]


def test_reason_names_the_question_and_the_topic(suggester: Suggester) -> None:
    best = suggester.suggest(asked("带车位么", intent="ask_parking"))[0]
    assert best.script_id == "ask_parking.has"
    assert best.reason.startswith("与常见问法「带车位么」相近；话题：车位（与识别的意图一致）")
    assert best.source.startswith("homes_around.yml:")
    assert best.to_dict()["missing"] == ["parking"]


def test_traditional_questions_find_the_same(suggester: Suggester) -> None:
    simplified, traditional = asked("有没有停车位"), asked("有沒有停車位")
    assert suggester.suggest(simplified)[0].script_id == suggester.suggest(traditional)[0].script_id


def test_words_alone_still_find_plain_questions(scripts: tuple[Script, ...]) -> None:
    lexical = Suggester(scripts, embedder=None)
    assert lexical.suggest(asked("物业费怎么收"))[0].script_id == "ask_property_fee.rate"


def test_learning_reorders_and_says_so(suggester: Suggester) -> None:
    question = "这套房多少钱"
    first, second, *_ = suggester.suggest(asked(question, intent="ask_price"))
    for _ in range(6):
        suggester.learn(second.script_id, question, "used")
        suggester.learn(first.script_id, question, "rejected")
    best = suggester.suggest(asked(question, intent="ask_price"))[0]
    assert best.script_id == second.script_id
    assert "同事采用过 6 次" in best.reason


def test_learning_is_plain_data_without_numbers_and_names(suggester: Suggester) -> None:
    suggester.learn("ask_price.total", "欧阳铁柱13800138000问这套多少钱", "edited")
    words = suggester.feedback.to_dict()["words"]["ask_price.total"]
    assert words
    assert not [word for word in words if "欧阳" in word or "铁柱" in word or "138" in word]


def test_feedback_survives_storing(scripts: tuple[Script, ...], vectors: TopicVectors) -> None:
    stats = FeedbackStats()
    for _ in range(5):
        stats.note("ask_price.unit", ["单价"], "used")
    again = FeedbackStats.from_dict(stats.to_dict())
    assert again == stats
    before = Suggester(scripts, embedder=vectors).suggest(asked("多少钱", intent="ask_price"))
    after = Suggester(scripts, embedder=vectors, feedback=again)
    assert score_of(after.suggest(asked("多少钱", intent="ask_price"), 8), "ask_price.unit") > (
        score_of(before, "ask_price.unit")
    )


def test_feedback_bounds_its_words_and_its_weight() -> None:
    stats = FeedbackStats()
    for number in range(3 * MAX_WORDS):
        stats.note("a.b", [f"词{number}"], "rejected")
    assert len(stats.words["a.b"]) == MAX_WORDS
    assert -2 <= stats.adjustment("a.b", ["词1"]) < -0.9
    with pytest.raises(ValueError, match="used"):
        stats.note("a.b", [], "liked")  # type: ignore[arg-type]


def test_add_update_remove_one_script(suggester: Suggester) -> None:
    script = Script(
        "ask_parking.boat", "ask_parking", "answer", "游艇泊位在东门。", asks=("游艇停哪",)
    )
    suggester.add(script)
    assert suggester.suggest(asked("游艇停哪"))[0].text == "游艇泊位在东门。"
    suggester.update(dataclasses.replace(script, text="游艇泊位在西门。"))
    assert suggester.suggest(asked("游艇停哪"))[0].text == "游艇泊位在西门。"
    with pytest.raises(ValueError, match=r"ask_parking\.boat"):
        suggester.add(script)
    suggester.remove(script.id)
    offered = suggester.suggest(asked("游艇停哪", intent="ask_parking"), 20)
    assert script.id not in [s.script_id for s in offered]
    with pytest.raises(KeyError):
        suggester.remove(script.id)


def test_changes_give_what_a_new_suggester_gives(
    scripts: tuple[Script, ...], vectors: TopicVectors
) -> None:
    changed = Suggester(scripts[:50], embedder=vectors)
    for script in scripts[50:80]:
        changed.add(script)
    for script in scripts[:10]:
        changed.remove(script.id)
    fresh = Suggester(scripts[10:80], embedder=vectors)
    for question in ("总价多少", "首付几成", "有电梯吗"):
        ours, theirs = (s.suggest(asked(question), 5) for s in (changed, fresh))
        assert Counter(s.script_id for s in ours) == Counter(s.script_id for s in theirs)


def test_an_empty_library_suggests_nothing() -> None:
    assert Suggester([], embedder=None).suggest(asked("多少钱")) == []
    assert Suggester([], embedder=None).suggest(asked("多少钱"), k=0) == []


class CountingEmbedder:
    """Two numbers for a text: how many characters, how many of them 「房」."""

    dim = 2

    def __init__(self) -> None:
        self.encoded = 0

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        self.encoded += len(texts)
        rows = np.array([[len(text), text.count("房")] for text in texts], dtype=np.float32)
        return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)


def test_the_cache_spares_the_embedder(scripts: tuple[Script, ...], tmp_path: Path) -> None:
    first, second, third = CountingEmbedder(), CountingEmbedder(), CountingEmbedder()
    fresh = Suggester(scripts[:40], embedder=first, cache_dir=tmp_path)
    cached = Suggester(scripts[:40], embedder=second, cache_dir=tmp_path)
    assert (first.encoded > 40, second.encoded) == (True, 0)
    assert cached.suggest(asked("总价多少")) == fresh.suggest(asked("总价多少"))
    Suggester(scripts[:41], embedder=third, cache_dir=tmp_path)
    assert third.encoded > 0


@pytest.mark.parametrize("damage", [b"", b"PK\x03\x04 not a zip", b"\x00" * 5000])
def test_a_damaged_cache_is_built_anew(
    scripts: tuple[Script, ...], tmp_path: Path, damage: bytes
) -> None:
    Suggester(scripts[:5], embedder=CountingEmbedder(), cache_dir=tmp_path)
    (file,) = tmp_path.iterdir()
    file.write_bytes(damage)
    again = CountingEmbedder()
    assert Suggester(scripts[:5], embedder=again, cache_dir=tmp_path).suggest(asked("总价多少"))
    assert again.encoded > 0


def test_bm25_scores_as_bm25s_does() -> None:
    corpus = [
        words_of(text) for text in ("总价多少钱", "单价多少", "停车位多少钱一个月", "有车位吗")
    ]
    index = Bm25Index()
    for tokens in corpus:
        index.add(tokens)
    known = sorted({token for tokens in corpus for token in tokens})
    theirs = bm25s.BM25(method="lucene", k1=K1, b=B)
    theirs.index(corpus, show_progress=False)
    for query in (["多少"], ["车位", "多少"], ["总价", "钱"]):
        assert set(query) <= set(known)
        assert index.scores(query) == pytest.approx(theirs.get_scores(query), abs=1e-5)


@given(
    st.lists(st.lists(st.sampled_from("甲乙丙丁"), min_size=1, max_size=5), min_size=2, max_size=8),
    st.data(),
)
@settings(max_examples=50, deadline=None)
def test_bm25_after_removals_equals_never_added(
    documents: list[list[str]], data: st.DataObject
) -> None:
    gone = data.draw(st.sets(st.integers(0, len(documents) - 1), max_size=len(documents) - 1))
    changed, fresh = Bm25Index(), Bm25Index()
    for tokens in documents:
        changed.add(tokens)
    for row in gone:
        changed.remove(row, documents[row])
    kept = [row for row in range(len(documents)) if row not in gone]
    for row in kept:
        fresh.add(documents[row])
    scores = changed.scores(["甲", "乙"])
    assert scores[kept] == pytest.approx(fresh.scores(["甲", "乙"]))
    assert not scores[sorted(gone)].any()


@given(st.text(max_size=300), st.sampled_from([None, "ask_price", "no_such_intent"]))
@settings(max_examples=40, deadline=None)
def test_any_text_gives_bounded_suggestions(text: str, intent: str | None) -> None:
    for found in LEXICAL.suggest(asked(text, intent=intent), 5):
        assert 0 <= found.score <= 1
        assert found.missing == fill_in(found.template, {})[1]


def test_enlarging_makes_distinct_scripts(scripts: tuple[Script, ...]) -> None:
    many = enlarge(scripts, 1000)
    assert len({script.id for script in many}) == 1000
    assert len({script.text for script in many}) == 1000


def test_the_benchmark_names_what_the_issue_asks_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scripts_library.suggesting.bench.LIBRARY_SIZE", 400)
    figures = {figure.name: figure for figure in bench_suggest()}
    assert figures["suggest.median"].target == 15
    assert figures["suggest.index_build"].target == 60
    assert figures["suggest.update_one"].target == 50
    assert all(figure.value >= 0 and figure.n >= 1 for figure in figures.values())


def topic_of(suggester: Suggester, script_id: str) -> str:
    script = suggester.get(script_id)
    assert script is not None
    return script.topic


def score_of(found: Sequence[Suggestion], script_id: str) -> float:
    return max((s.score for s in found if s.script_id == script_id), default=0.0)
