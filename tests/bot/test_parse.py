"""A small model trained by Rasa itself; `bot.parse` must read it as Rasa does."""

import asyncio
import json
import subprocess
import sys
from pathlib import Path

import pytest

from bot.parse import ModelError, Parser, load_parser
from scripts_library.paths import PROJECT_DIR

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
    "out_of_scope": ["asdf", "哈哈哈", "今天天气", "讲个笑话", "红烧肉怎么做", "……"],
}
MESSAGES = (
    "請問總價多少？",
    "満二了没？多少钱！",
    "我姓王，电话１３８ 0013 8000，住3栋2单元1501，昨晚八点多漏水",
    "<b>多少钱</b>",
    "😂",
)
TRAIN = """
import sys
from rasa.model_training import train_nlu
result = train_nlu("config.yml", sys.argv[1], sys.argv[2], fixed_model_name="small")
sys.exit(0 if result else 1)
"""


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("model")
    blocks = "".join(
        f"  - intent: {intent}\n    examples: |\n" + "".join(f"      - {text}\n" for text in texts)
        for intent, texts in LESSONS.items()
    )
    (folder / "nlu.yml").write_text(f'version: "3.1"\nnlu:\n{blocks}', encoding="utf-8")
    command = [sys.executable, "-W", "ignore", "-c", TRAIN, str(folder / "nlu.yml"), str(folder)]
    done = subprocess.run(command, cwd=PROJECT_DIR, capture_output=True, text=True, timeout=280)
    assert done.returncode == 0, done.stderr[-2000:]
    return folder / "small.tar.gz"


@pytest.fixture(scope="module")
def parser(archive: Path) -> Parser:
    return load_parser(archive)


def test_rasa_and_the_parser_understand_alike(archive: Path, parser: Parser) -> None:
    from rasa.core.agent import Agent

    agent = Agent.load(archive)
    for text in MESSAGES:
        theirs = asyncio.run(agent.parse_message(text))
        ours = parser.parse(text)
        real = [item for item in theirs["intent_ranking"] if item["name"] != "nlu_fallback"]
        assert [item["name"] for item in real] == [item["name"] for item in ours["ranking"]]
        assert real[0]["confidence"] == pytest.approx(ours["confidence"], abs=1e-4)
        assert [_place(item) for item in theirs["entities"]] == [
            _place(item) for item in ours["entities"]
        ]
        assert theirs["questions"] == json.loads(json.dumps(ours["questions"]))


def _place(entity: dict[str, object]) -> tuple[object, ...]:
    return tuple(entity[key] for key in ("entity", "value", "start", "end"))


def test_fallback_is_never_the_intent(parser: Parser) -> None:
    assert {parser.parse(text)["intent"] for text in MESSAGES} <= set(LESSONS)


@pytest.mark.parametrize("text", ["", "   ", "\u200b", "\x00"])
def test_nothing_to_read_is_out_of_scope(parser: Parser, text: str) -> None:
    result = parser.parse(text)
    assert (result["intent"], result["entities"]) == ("out_of_scope", [])


@pytest.mark.parametrize("text", ["楼" * 10_000, "1" * 10_000, "多少钱？" * 2500, "<p>" * 3000])
def test_long_messages_are_answered(parser: Parser, text: str) -> None:
    result = parser.parse(text)
    assert result["intent"] in LESSONS
    assert len(result["questions"]) <= 5


def test_the_newest_archive_of_a_folder_is_taken(archive: Path) -> None:
    assert load_parser(archive.parent).parse("总价多少")["intent"] == "ask_price"


def test_a_missing_model_names_the_command(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="kefu train"):
        load_parser(tmp_path)
