from pathlib import Path

import pytest

from bot.lexicon import LexiconError, load_lexicon, product_aliases, write_names
from bot.words import Segmenter


def test_written_names_are_read_back_with_their_aliases(tmp_path: Path) -> None:
    write_names("estate", [("临江小筑", ["小筑", "臨江小築"]), ("望月里", [])], tmp_path)
    names = load_lexicon(tmp_path).names["estate"]
    assert names == {"临江小筑": "临江小筑", "小筑": "临江小筑", "望月里": "望月里"}


def test_the_same_catalogue_gives_the_same_file(tmp_path: Path) -> None:
    pairs = [("乙", ["乙字窗"]), ("推拉窗", ["推拉 窗", "推拉窗"])]
    first = write_names("product", pairs, tmp_path).read_text(encoding="utf-8")
    assert write_names("product", pairs, tmp_path).read_text(encoding="utf-8") == first
    assert load_lexicon(tmp_path).names["product"]["推拉窗"] == "推拉窗"


def test_a_missing_folder_is_an_empty_lexicon(tmp_path: Path) -> None:
    assert load_lexicon(tmp_path / "none").words() == []


def test_a_name_too_short_is_reported_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "estate.txt").write_text("# 楼盘\n望月里\n苑\n", encoding="utf-8")
    with pytest.raises(LexiconError, match=r"estate\.txt 第 3 行：「苑」"):
        load_lexicon(tmp_path)


def test_a_file_in_another_encoding_is_refused(tmp_path: Path) -> None:
    (tmp_path / "estate.txt").write_bytes("望月里".encode("gbk"))
    with pytest.raises(LexiconError, match="UTF-8"):
        load_lexicon(tmp_path)


def test_an_unknown_kind_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LexiconError, match="estate"):
        write_names("staff", [("小李", [])], tmp_path)


def test_product_aliases_leave_series_and_figures_out() -> None:
    aliases = product_aliases("听雨70断桥平开窗", series="听雨", code="AB-70")
    assert aliases == ["70断桥平开窗", "断桥平开窗", "AB-70"]


def test_company_words_stay_whole() -> None:
    text = "望月里三期的推拉窗"
    words = [w.text for w in Segmenter(["望月里三期"]).split(text)]
    assert words[0] == "望月里三期"


def test_words_are_slices_of_the_text() -> None:
    text = "这 套房\n能看吗? " + "长" * 3000
    assert all(text[w.start : w.end] == w.text for w in Segmenter().split(text))
