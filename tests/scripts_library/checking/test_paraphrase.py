"""The paraphrase model: features, training on a small share of the data, scoring, the data."""

import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from scripts_library.checking.paraphrase import training as paraphrase_training
from scripts_library.checking.paraphrase.examples import CLASSES, ExamplesError, read_examples
from scripts_library.checking.paraphrase.features import (
    CERTIFICATE,
    MAX_WINDOWS,
    PHONE,
    WINDOW,
    mask,
    ngrams,
    readable,
    windows,
)
from scripts_library.checking.paraphrase.model import (
    NONE,
    ModelError,
    ParaphraseModel,
    train_to,
    weigh,
)
from scripts_library.checking.paraphrase.training import TrainingReport
from scripts_library.checking.verdict import BREACHES
from scripts_library.paths import data_dir
from scripts_library.text import embedding as embed
from scripts_library.text.normal_form import normalize

WORDING = data_dir() / "wording"
EVERY = 9


class HashEmbedder:
    """Vectors of length 1 that depend on the characters only; stands for a sentence model."""

    dim = 200

    def __init__(self) -> None:
        self.calls = 0

    def encode(self, texts: Sequence[str]) -> embed.Vectors:
        self.calls += len(texts)
        rows = np.zeros((len(texts), self.dim), dtype=np.float32)
        for i, text in enumerate(texts):
            for char in text:
                rows[i, ord(char) % self.dim] += 1
        lengths = np.linalg.norm(rows, axis=1, keepdims=True)
        return np.asarray(rows / np.maximum(lengths, 1e-9), dtype=np.float32)


@pytest.fixture(autouse=True)
def _no_embedder() -> Iterator[None]:
    before = embed._embedder, embed._looked
    embed.use_embedder(None)
    yield
    embed._embedder, embed._looked = before


@pytest.fixture(scope="session")
def small_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wording")
    for file in WORDING.glob("*.yml"):
        content = yaml.load(file.read_bytes(), Loader=yaml.CSafeLoader)
        content["examples"] = content["examples"][::EVERY]
        (folder / file.name).write_text(yaml.safe_dump(content, allow_unicode=True), "utf-8")
    return folder


@pytest.fixture(scope="session")
def trained(
    small_data: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, TrainingReport]:
    before = embed._embedder, embed._looked
    embed.use_embedder(None)
    path = tmp_path_factory.mktemp("models") / "wording.npz"
    report = train_to(path, small_data)
    embed._embedder, embed._looked = before
    return path, report


@pytest.fixture
def model(trained: tuple[Path, TrainingReport]) -> ParaphraseModel:
    return ParaphraseModel.load(trained[0])


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("业主电话13800138000", f"业主电话{PHONE}"),
        ("房东的号:139-0000-0001 你打", f"房东的号:{PHONE} 你打"),
        ("号码一三八零零一三八零零零", f"号码{PHONE}"),
        ("幺三九零零零零幺二三四", PHONE),
        ("座机0571-88000000", f"座机{PHONE}"),
        ("我的微信是PHONE", f"我的微信是{PHONE}"),
        ("身份证110101199003070000", f"身份证{CERTIFICATE}"),
        ("卡号6222000000000000", f"卡号{CERTIFICATE}"),
        ("总价2850000", "总价0000"),
        ("100%通过", "100%通过"),
        ("三百二十万", "三百二十万"),
        ("在吗   \n 您好！！！", "在吗 您好！"),
        ("", ""),
    ],
)
def test_numbers_of_persons_become_one_mark(text: str, masked: str) -> None:
    assert mask(text) == masked


@pytest.mark.parametrize(
    "text", ["房东电话13800138000", "证号110101199003070000，2850000元", "a  b"]
)
def test_masking_twice_changes_nothing(text: str) -> None:
    assert mask(mask(text)) == mask(text)


def test_the_embedder_reads_words_for_marks() -> None:
    assert readable(f"打{PHONE}，证{CERTIFICATE}") == "打手机号码，证身份证号码"


def test_ngrams_know_both_edges() -> None:
    assert Counter(ngrams("不行", 3)) == Counter(
        ["^", "不", "行", "$", "^不", "不行", "行$", "^不行", "不行$"]
    )


def test_features_have_length_one_and_unknown_text_has_none() -> None:
    vocabulary = {"不": 0, "行": 1, "不行": 2}
    idf = np.array([1.0, 2.0, 3.0], dtype=np.float32)
    ids, values = weigh("不行不行", vocabulary, idf)
    assert set(ids.tolist()) == {0, 1, 2}
    assert float(values @ values) == pytest.approx(1.0)
    assert len(weigh("好", vocabulary, idf)[0]) == 0


@pytest.mark.parametrize("text", ["", "  ", "\n\t"])
def test_a_blank_text_has_no_window(text: str) -> None:
    assert windows(text) == []


def test_a_short_reply_is_one_window() -> None:
    assert windows("这个我不清楚，我马上帮您问") == [(0, 13)]


def test_windows_of_a_long_reply_overlap_at_clauses() -> None:
    text = "您好，这套房子楼层不错。采光也好，业主比较诚心卖。您看哪天方便，我约房东谈价格，好吗？"
    spans = windows(text)
    assert len(spans) > 1
    assert spans[0][0] == 0 and spans[-1][1] == len(text)
    assert all(start == 0 or text[start - 1] in "，。？" for start, _ in spans)


@given(st.text(alphabet="好不行，。！ \n房a1😊", max_size=400))
def test_windows_stay_inside_and_miss_nothing(text: str) -> None:
    spans = windows(text)
    assert all(0 <= a < b <= len(text) and b - a <= WINDOW for a, b in spans)
    covered = {i for a, b in spans for i in range(a, b)}
    assert len(spans) == MAX_WINDOWS or all(
        i in covered for i, char in enumerate(text) if char not in "，。！ \n"
    )


def test_a_hostile_length_gives_a_bounded_number_of_windows() -> None:
    assert len(windows("不行，" * 30_000)) == MAX_WINDOWS
    assert len(windows("不" * 100_000)) == MAX_WINDOWS


def test_the_report_counts_what_was_trained(
    trained: tuple[Path, TrainingReport], small_data: Path
) -> None:
    report = trained[1]
    assert report.examples == len(read_examples(small_data).texts)
    assert set(report.categories) == set(BREACHES)
    assert report.examples == report.innocent + sum(c.examples for c in report.categories.values())
    assert not report.has_embeddings
    assert 0.15 < report.recall <= 1 and report.false_alarms < 0.05
    assert report.right_category > 0.6
    assert json.loads(paraphrase_training.report_as_json(report))["version"] == report.version


def test_training_again_gives_the_same_file(
    trained: tuple[Path, TrainingReport], small_data: Path, tmp_path: Path
) -> None:
    again = tmp_path / "again.npz"
    train_to(again, small_data)
    assert again.read_bytes() == trained[0].read_bytes()


def test_the_version_follows_the_data(
    small_data: Path, trained: tuple[Path, TrainingReport], tmp_path: Path
) -> None:
    for file in small_data.glob("*.yml"):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    (tmp_path / "innocent_more.yml").write_text(
        "category: innocent\nexamples: [您家的窗装好了吗]\n"
    )
    assert read_examples(tmp_path).version != trained[1].version


def test_scores_cover_all_categories_and_none(model: ParaphraseModel) -> None:
    scores = model.score("你问我我问谁去")
    assert set(scores) == {*BREACHES, NONE}
    assert all(0 <= value <= 1 for value in scores.values())
    best = max(BREACHES, key=scores.__getitem__)
    assert scores[best] == pytest.approx(1 - scores[NONE], abs=1e-6)
    assert set(model.thresholds) == set(BREACHES)


@pytest.mark.parametrize("text", ["", "   ", "\u200b"])
def test_a_blank_text_is_innocent(model: ParaphraseModel, text: str) -> None:
    assert model.score(text)[NONE] == pytest.approx(1.0) or text == "\u200b"
    assert model.detect(text) is None


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("不晓得，没人跟我说过", "ignorance"),
        ("已经下班了，明天再来", "off_duty"),
        ("跟我没关系，你找他们去", "buck_passing"),
        ("有本事你去投诉啊", "provocation"),
        ("你脑子有病吧", "insult"),
        ("贷款包过，保证批下来", "overpromise"),
        ("房东电话13900000000，你自己打给他", "privacy_leak"),
        ("给我发个红包，私下转我微信", "solicitation"),
        ("全市最好的小区，独一无二", "absolute_claim"),
    ],
)
def test_even_a_small_model_knows_the_plain_cases(
    model: ParaphraseModel, text: str, category: str
) -> None:
    scores = model.score(text)
    assert max(BREACHES, key=scores.__getitem__) == category
    assert scores[NONE] < 0.5


@pytest.mark.parametrize(
    "text",
    [
        "您好，请问有什么可以帮您",
        "好的，我马上帮您联系师傅",
        "不知道您明天下午方便吗",
        "这套满五唯一，税费不高",
        "请您稍等，我帮您查一下",
    ],
)
def test_even_a_small_model_lets_courtesy_pass(model: ParaphraseModel, text: str) -> None:
    assert model.detect(text) is None


def test_the_place_of_a_breach_is_given_in_the_original_text() -> None:
    innocent = "好的您，" * 12
    text = innocent + "\u200b不\u200b是的，" * 10
    found = _tiny_model().detect(text)
    assert found is not None
    assert found.category == "refusal"
    assert found.start > 10 and "不" in text[found.start : found.end]
    assert _tiny_model().detect(innocent) is None


@settings(max_examples=60, deadline=None)
@given(text=st.text(max_size=120))
def test_any_text_gives_scores_and_a_span_inside(text: str) -> None:
    scorer = _tiny_model()
    assert set(scorer.score(text)) == {*BREACHES, NONE}
    found = scorer.detect(text)
    assert found is None or 0 <= found.start < found.end <= len(text)


def _tiny_model() -> ParaphraseModel:
    from scripts_library.checking.paraphrase.model import LinearModel

    grams = np.zeros((2, 14), dtype=np.float32)
    grams[0, 2], grams[1, 13] = 8, 8
    linear = LinearModel(grams, np.zeros((0, 14), dtype=np.float32), np.zeros(14, dtype=np.float32))
    empty = np.zeros((0, 0), dtype=np.float32)
    return ParaphraseModel(
        {"不": 0, "好": 1}, np.ones(2, dtype=np.float32), linear, linear, empty, empty,
        0.0, dict.fromkeys(BREACHES, 0.5), dict.fromkeys(BREACHES, 0.5), "test",
    )  # fmt: skip


def test_the_embedding_is_asked_for_doubtful_replies_only(small_data: Path, tmp_path: Path) -> None:
    embedder = HashEmbedder()
    embed.use_embedder(embedder)
    path = tmp_path / "wording.npz"
    assert train_to(path, small_data, with_embeddings=True).has_embeddings
    loaded = ParaphraseModel.load(path)
    embedder.calls = 0
    loaded.score("您好，请问有什么可以帮您的吗")
    assert embedder.calls == 0
    loaded.score("我不管，你爱找谁找谁")
    assert embedder.calls == 1
    loaded.score("我不管，你爱找谁找谁，别在这里烦我了听见没有。" * 20)
    assert embedder.calls <= 2
    embed.use_embedder(None)
    assert loaded.score("我不管，你爱找谁找谁")[NONE] < 0.5


def test_vectors_are_kept_for_the_next_training(small_data: Path, tmp_path: Path) -> None:
    embedder = HashEmbedder()
    embed.use_embedder(embedder)
    path = tmp_path / "wording.npz"
    train_to(path, small_data, with_embeddings=True)
    assert embedder.calls == len(read_examples(small_data).texts)
    first = path.read_bytes()
    train_to(path, small_data, with_embeddings=True)
    assert embedder.calls == len(read_examples(small_data).texts)
    assert path.read_bytes() == first


@pytest.mark.parametrize("content", [b"", b"no zip", b"PK\x03\x04broken"])
def test_a_broken_model_file_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "wording.npz"
    path.write_bytes(content)
    with pytest.raises(ModelError, match=r"wording\.npz.*kefu train"):
        ParaphraseModel.load(path)


def test_a_missing_model_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="kefu train"):
        ParaphraseModel.load(tmp_path / "none.npz")


def test_a_model_of_another_format_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "wording.npz"
    meta = np.frombuffer(json.dumps({"format": 0}).encode(), dtype=np.uint8)
    np.savez(path, meta=meta)
    with pytest.raises(ModelError, match="格式 0"):
        ParaphraseModel.load(path)


def test_all_faults_of_example_files_are_named_at_once(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text("category: refusal\nexamples: [不行, 12]\n")
    (tmp_path / "b.yml").write_text("category: rudeness\nexamples: [喂]\n")
    (tmp_path / "c.yml").write_text("category: [unclosed\n")
    (tmp_path / "d.yml").write_text("category: insult\n")
    (tmp_path / "e.yml").write_text("category: ignorance\nexamples: [不知道]\n")
    (tmp_path / "f.yml").write_text("category: innocent\nexamples: [不知道]\n")
    with pytest.raises(ExamplesError) as caught:
        read_examples(tmp_path)
    message = str(caught.value)
    for part in ("a.yml", "12", "b.yml", "rudeness", "c.yml", "d.yml", "f.yml", "「不知道」"):
        assert part in message


def test_an_empty_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ExamplesError, match="rude_opening"):
        read_examples(tmp_path)


def test_every_category_has_enough_examples_and_each_text_one_label() -> None:
    examples = read_examples(WORDING)
    counts = Counter(CLASSES[i] for i in examples.labels)
    assert all(counts[name] >= 200 for name in BREACHES)
    assert counts[NONE] >= 2500


def test_examples_hold_no_real_looking_number() -> None:
    for file in sorted(WORDING.glob("*.yml")):
        for text in yaml.load(file.read_bytes(), Loader=yaml.CSafeLoader)["examples"]:
            for number in re.findall(r"(?<![0-9])1[3-9][0-9]{9}(?![0-9])", normalize(text).text):
                assert re.search(r"0{3}|1111|1380013800|13800001", number), (file.name, text)
