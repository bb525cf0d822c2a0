"""Finding scripts and people by characters, pinyin and first letters."""

import pytest

from desk.accounts.models import Staff
from desk.console.note_dialog import fitting, named
from desk.console.pinyin_search import best_fit
from desk.console.script_search import entry_of, find_scripts
from scripts_library.suggesting.library import Script

SCRIPTS = [
    Script(
        "a", "ask_price", "answer", "这套房的总价是{price}。", asks=("多少钱",), keywords=("总价",)
    ),
    Script("b", "file_complaint", "apology", "给您带来不便，我先向您道歉。"),
    Script("c", "request_repair", "wait", "请您稍等，师傅正在路上。", keywords=("等待时间",)),
]
ENTRIES = [entry_of(one) for one in SCRIPTS]


@pytest.mark.parametrize(
    ("query", "text", "fits"),
    [
        ("总价", "总价", 4),
        ("总 价", "房屋总价", 3),
        ("zj", "总价", 2),
        ("ddsj", "等待时间", 2),
        ("zongjia", "总价", 1),
        ("zongj", "房屋总价", 1),
        ("DDSJ", "等待时间", 2),
        ("zongx", "总价", 0),
        ("漏", "总价", 0),
        ("", "总价", 0),
    ],
)
def test_how_well_a_text_fits(query, text, fits):
    assert best_fit(query, (text,)) == fits


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("zj", "a"),
        ("总价", "a"),
        ("ddsj", "c"),
        ("daoqian", "b"),
        ("致歉", "b"),
        ("duoshaoqian", "a"),
        ("shaodeng", "c"),
    ],
)
def test_the_best_script_stands_first(query, first):
    assert find_scripts(ENTRIES, query)[0].script.id == first


def test_every_word_of_a_query_counts():
    assert find_scripts(ENTRIES, "zj 道歉") == []
    assert [one.script.id for one in find_scripts(ENTRIES, "jg 总价")] == ["a"]


def test_nothing_typed_shows_all_and_nonsense_nothing():
    assert find_scripts(ENTRIES, " ") == ENTRIES
    assert find_scripts(ENTRIES, "<script>") == []


PEOPLE = [
    Staff(id=1, login="xiaowang", display_name="小王", role="agent"),
    Staff(id=2, login="chenjing", display_name="陈静", role="supervisor"),
]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("请看 @", ["小王", "陈静"]),
        ("请看 @xw", ["小王"]),
        ("＠陈", ["陈静"]),
        ("@chenj", ["陈静"]),
        ("@小王 请看", []),
        ("没有提到人", []),
    ],
)
def test_who_an_at_may_mean(text, names):
    assert [one.display_name for one in fitting(text, PEOPLE)] == names


def test_a_name_takes_the_place_of_what_was_typed():
    assert named("请 @xw", "小王") == "请 @小王 "
