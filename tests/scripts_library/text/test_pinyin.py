"""Readings: as pypinyin's whole list of phrases gives them, at a fraction of its memory."""

import subprocess
import sys

import pytest

from scripts_library.text.pinyin import PHRASES_FILE, phrase_lines, syllables


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("云栖雅苑", "yun qi ya yuan"),
        ("重庆银行", "chong qing yin hang"),
        ("厦门大厦", "xia men da sha"),
        ("A1户型89平", "A1 hu xing 89 ping"),
        ("", ""),
    ],
)
def test_readings(text, read):
    assert " ".join(syllables(text)) == read


def test_the_file_holds_what_pypinyin_reads_otherwise_than_letter_by_letter():
    assert PHRASES_FILE.read_text(encoding="utf-8").splitlines() == phrase_lines()


def test_the_whole_list_stays_out_of_the_desks_memory():
    code = (
        "import sys, desk.app\n"
        "from scripts_library.text.pinyin import syllables\n"
        "syllables('重庆')\n"
        "sys.exit('pypinyin.phrases_dict' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
