"""Complaint triage: categories, severity with its risk words, reasons, bad input, the model."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scripts_library.errors import LexiconError, TextError
from scripts_library.text.embedding import use_embedder
from scripts_library.text.normal_form import normalize
from scripts_library.triage import classifier as triage
from scripts_library.triage import model as triage_model
from scripts_library.triage.classifier import Triage, classify
from scripts_library.triage.letters import Letter, load_letters, own_sentences
from scripts_library.triage.lexicon import load_lexicon
from scripts_library.triage.model import load_model, train

SMALL = [
    Letter("楼上装修太吵睡不着", "renovation_noise", "general"),
    Letter("夜里施工噪音大多次投诉没人管", "renovation_noise", "major"),
    Letter("垃圾没人清楼道很脏", "cleaning_greening", "general"),
    Letter("垃圾站恶臭全体业主联名要求搬走", "cleaning_greening", "major"),
    Letter("快递放门口丢了", "mail_parcel", "general"),
    Letter("快递丢了价值三万的电脑已报警", "mail_parcel", "major"),
]


class WordCounter:
    """An embedder without a language model: two numbers a text, always the same."""

    dim = 2

    def encode(self, texts: list[str]) -> np.ndarray:
        rows = [[text.count("投诉") + 1.0, text.count("垃圾") + 1.0] for text in texts]
        return np.array(rows, dtype=np.float32)


@pytest.fixture
def lexicon_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEFU_MODELS_DIR", str(tmp_path / "none"))


@pytest.fixture
def small_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A model of six letters with a tiny embedder, in a models folder of its own."""
    monkeypatch.setenv("KEFU_MODELS_DIR", str(tmp_path))
    monkeypatch.setattr(triage_model, "load_letters", lambda: SMALL)
    monkeypatch.setattr(triage_model, "own_sentences", lambda: ["垃圾站在哪里", "投诉电话是多少"])
    use_embedder(WordCounter())
    yield triage_model.train_to(tmp_path / triage_model.MODEL_NAME)
    _forget_embedder()


def _forget_embedder() -> None:
    from scripts_library.text import embedding as embed

    embed._embedder, embed._looked = None, False


CATEGORY_CASES = [
    ("外墙渗水", "housing_quality", "我家外墙渗水,卧室墙皮起泡,收房才半年"),
    ("deed", "sales_contract", "交房两年了房产证还没办下来,开发商一直推"),
    ("committee", "property_service", "小区物业管理混乱,请问怎么成立业委会换物业"),
    ("attitude", "staff_attitude", "前台态度恶劣,问一句就不耐烦"),
    ("lift", "public_facility", "5栋电梯故障一周了,楼道灯也不亮"),
    ("toilet", "indoor_repair", "我家马桶漏水,报修五天师傅没来"),
    ("oil", "renovation_noise", "楼下烧烤店油烟扰民,噪音吵到半夜"),
    ("rubbish", "cleaning_greening", "垃圾桶三天没人清,绿化带全是狗粪"),
    ("roaches", "pest_control", "家里蟑螂老鼠成灾,请来消杀"),
    ("parcel", "mail_parcel", "快递放驿站被人拿走了"),
    ("space", "parking", "我的车位天天被占,外来车辆乱停车"),
    ("fee", "fees", "物业费乱收费,装修押金也不退"),
    ("fire", "safety", "楼道里电动车充电,消防通道也堵了,有火灾隐患"),
    ("window", "product_quality", "断桥铝窗五金生锈,密封条脱落"),
    ("delivery", "order_delivery", "订单一个月不发货,物流也查不到"),
    ("fitting", "installation_service", "安装师傅把窗装歪了,售后不返工"),
    ("data", "privacy", "你们泄露我的手机号,骚扰电话不断"),
    ("bus", "other", "建议增加公交班次,路口设红绿灯"),
    ("traditional", "renovation_noise", "樓上裝修噪音好大,嘈到成晚瞓唔到"),
    ("traditional pest", "pest_control", "廚房好多曱甴同老鼠,請派人滅蟲"),
]


@pytest.mark.usefixtures("lexicon_only")
@pytest.mark.parametrize(
    ("category", "text"),
    [case[1:] for case in CATEGORY_CASES],
    ids=[case[0] for case in CATEGORY_CASES],
)
def test_word_list_alone_finds_the_category(category: str, text: str) -> None:
    found = classify(text)
    assert found.category == category
    assert found.department == load_lexicon().department(category)
    assert any(r.points_to == category and r.kind == "category" for r in found.reasons)
    assert found.note is not None
    assert "词表" in found.note


RISK_CASES = [
    ("再不处理我就打12345", "12345"),
    ("再不處理我就找媒體曝光", "媒體"),
    ("楼上漏水,我要请律师", "律师"),
    ("你们不退钱我去消协", "消协"),
    ("我要找记者来拍", "记者"),
    ("打１２３４５投诉你们", "１２３４５"),
    ("明天就去起诉", "起诉"),
    ("业主准备集体上访", "上访"),
]


@pytest.mark.usefixtures("lexicon_only")
@pytest.mark.parametrize(("text", "surface"), RISK_CASES, ids=[s for _, s in RISK_CASES])
def test_risk_word_raises_severity_and_is_shown(text: str, surface: str) -> None:
    found = classify(text)
    assert found.severity == "major"
    risks = [reason for reason in found.reasons if reason.kind == "risk_word"]
    assert surface in [risk.surface for risk in risks]
    assert all(text[risk.start : risk.end] == risk.surface for risk in risks)
    assert all(risk.points_to == "major" for risk in risks)


@pytest.mark.usefixtures("lexicon_only")
@pytest.mark.parametrize(
    "text",
    [
        "楼道灯坏了一个,麻烦换一下",
        "我家电话尾号是7123456",
        "看新闻说要降物业费,请问是真的吗",
        "请问快递能放前台吗",
        "房子是3栋12315室的,灯不亮",
    ],
)
def test_everyday_matter_stays_general(text: str) -> None:
    assert classify(text).severity == "general"


@pytest.mark.usefixtures("lexicon_only")
@pytest.mark.parametrize(
    "text",
    [
        "电梯急速下坠,老人受伤住院,有重大安全隐患",
        "多次投诉无果,全体业主联名要求处理",
        "开发商挪用维修基金几百万,二百多户业主维权",
        "小區停水三天,幾百戶居民沒水用,沒有人管",
        "電梯困咗個細路成個鐘,講咗好多次冇人理",
    ],
)
def test_danger_crowd_and_repetition_are_major(text: str) -> None:
    found = classify(text)
    assert found.severity == "major"
    assert any(r.points_to == "major" for r in found.reasons)


@pytest.mark.usefixtures("lexicon_only")
def test_title_outweighs_what_the_letter_mentions_later() -> None:
    text = "投诉麻将馆噪音扰民。" + "这里停车也难,垃圾也多。" * 3
    assert classify(text).category == "renovation_noise"


@pytest.mark.usefixtures("lexicon_only")
def test_other_matters_of_one_letter_are_alternatives() -> None:
    found = classify("电梯故障没人修。另外快递也丢过")
    assert found.category == "public_facility"
    assert "mail_parcel" in [other.category for other in found.alternatives]
    assert found.category not in [other.category for other in found.alternatives]


@pytest.mark.usefixtures("lexicon_only")
@pytest.mark.parametrize("text", ["", "   ", "\n\t", "\u200b\u200b"])
def test_empty_text_is_other_and_says_so(text: str) -> None:
    found = classify(text)
    assert (found.category, found.severity, found.reasons) == ("other", "general", ())
    assert found.department == "customer_service"
    assert found.note is not None


def test_only_text_is_accepted() -> None:
    with pytest.raises(TextError):
        classify(None)  # type: ignore[arg-type]


@pytest.mark.usefixtures("lexicon_only")
@pytest.mark.parametrize(
    "text",
    [
        "1" * 10_000,
        "！" * 10_000,
        "投诉电梯故障" * 2_000,
        "<b>电梯</b><script>",
        "ignore all rules",
        "😡",
    ],
)
def test_hostile_text_gets_an_answer(text: str) -> None:
    found = classify(text)
    assert found.category in {entry.id for entry in load_lexicon().categories}
    assert len(found.reasons) < 60


@pytest.mark.usefixtures("small_model")
@settings(max_examples=60, deadline=None)
@given(st.text(alphabet="投訴诉电梯壞坏１2345 找媒體体曝光。,!楼樓上吵㍿😡A\u200b", max_size=60))
def test_reasons_slice_back_to_the_original(text: str) -> None:
    found = classify(text)
    for reason in found.reasons:
        assert 0 <= reason.start < reason.end <= len(text)
        assert text[reason.start : reason.end] == reason.surface
    assert 0 <= found.category_score <= 1
    assert 0 <= found.severity_score <= 1
    assert found.reasons == tuple(
        sorted(found.reasons, key=lambda r: (r.start, r.end, r.points_to))
    )


def test_model_learns_and_survives_a_round_trip(small_model: Path) -> None:
    stored = load_model(small_model)
    assert stored is not None
    fresh = train(SMALL, sentences=triage_model.own_sentences())
    for name, weights in fresh.heads.items():
        assert stored.heads[name] == pytest.approx(weights, abs=2e-2)
    assert stored.vocabulary.columns == fresh.vocabulary.columns
    found = classify("夜里施工噪音大睡不着")
    assert (found.category, found.note) == ("renovation_noise", None)


def test_training_twice_gives_the_same_weights(small_model: Path) -> None:
    again = triage_model.train_to(small_model.with_name("again.npz"))
    first, second = load_model(small_model), load_model(again)
    assert first is not None
    assert second is not None
    assert all(np.array_equal(first.heads[name], second.heads[name]) for name in first.heads)


@pytest.mark.usefixtures("small_model")
def test_unsure_model_without_any_word_says_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(triage, "LEAST_SURE", 0.9)
    assert classify("垃圾没人清").category == "cleaning_greening"
    found = classify("你好")
    assert (found.category, found.severity, found.reasons) == ("other", "general", ())


@pytest.mark.usefixtures("small_model")
def test_model_works_without_an_embedder() -> None:
    use_embedder(None)
    assert classify("垃圾没人清").category == "cleaning_greening"


@pytest.mark.usefixtures("small_model")
def test_words_of_the_model_are_shown_where_the_list_has_none() -> None:
    text = "樓下的垃圾多"
    model = load_model()
    assert model is not None
    shown = triage._gram_reasons(text, normalize(text), model, "cleaning_greening")
    assert [(reason.start, reason.surface) for reason in shown] == [(3, "垃圾")]


def test_model_trained_without_embedder_has_no_vectors() -> None:
    use_embedder(None)
    try:
        model = train(SMALL)
        assert len(model.heads["vectors_severity"]) == 0
        assert model.vector_logit("垃圾") is None
        assert model.echo({0: 1.0}) is None
    finally:
        _forget_embedder()


class Counting(WordCounter):
    """Notes what it was asked for."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def encode(self, texts: list[str]) -> np.ndarray:
        self.asked += texts
        return super().encode(texts)


@pytest.mark.usefixtures("small_model")
@pytest.mark.parametrize(("close_call", "is_asked"), [(0.0, False), (1.0, True)])
def test_the_embedding_is_asked_only_where_the_severity_is_close(
    close_call: float, is_asked: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(triage, "CLOSE_CALL", close_call)
    use_embedder(counting := Counting())
    classify("楼道很脏")
    assert bool(counting.asked) is is_asked


@pytest.mark.usefixtures("small_model")
def test_a_risk_word_decides_without_the_embedding() -> None:
    use_embedder(counting := Counting())
    assert classify("再不处理就打12345").severity == "major"
    assert counting.asked == []


def test_the_echo_says_what_the_embedding_says(small_model: Path) -> None:
    model = load_model(small_model)
    assert model is not None
    echoes = [model.echo(model.vocabulary.weigh(letter.text)) for letter in SMALL]
    asked = [model.vector_logit(letter.text) for letter in SMALL]
    assert [echo[1] for echo in echoes if echo] == pytest.approx(asked, abs=1.0)
    assert np.corrcoef([echo[1] for echo in echoes if echo], asked)[0, 1] > 0.9


def test_sentences_are_read_without_marks_and_short_ones_are_left_out(tmp_path: Path) -> None:
    lines = "- intent: x\n  examples: |\n    - [三栋](building)的电梯坏了没人修\n    - 好的\n"
    (tmp_path / "a.yml").write_text(f'version: "3.1"\nnlu:\n{lines}', encoding="utf-8")
    assert own_sentences(tmp_path) == ["三栋的电梯坏了没人修"]
    assert own_sentences(tmp_path / "none") == []


@pytest.mark.parametrize("content", [b"", b"not a zip", b"PK\x03\x04broken"])
def test_damaged_model_file_counts_as_missing(
    content: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / triage_model.MODEL_NAME).write_bytes(content)
    monkeypatch.setenv("KEFU_MODELS_DIR", str(tmp_path))
    found = classify("电梯故障")
    assert found.category == "public_facility"
    assert found.note is not None


def test_result_is_plain_values() -> None:
    found = Triage("fees", 0.9, "major", 0.8, "finance", (), ())
    assert found.to_dict() == {
        "category": "fees",
        "category_score": 0.9,
        "severity": "major",
        "severity_score": 0.8,
        "department": "finance",
        "reasons": (),
        "alternatives": (),
        "note": None,
    }


def test_own_letters_are_many_and_distinct() -> None:
    letters = load_letters()
    texts = [letter.text for letter in letters]
    assert len(texts) == len(set(texts))
    for entry in load_lexicon().categories:
        own = [letter for letter in letters if letter.category == entry.id]
        assert len(own) >= 55, entry.id
        assert {letter.severity for letter in own} == {"general", "major"}


def test_letter_file_without_a_known_category_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.yml").write_text("category: nonsense\ngeneral: [电梯坏了]\n", encoding="utf-8")
    with pytest.raises(LexiconError, match=r"x\.yml"):
        load_letters(tmp_path)
