"""How a place is written, from the parts as people and the bot leave them."""

import pytest

from desk.tickets.places import building_spellings, place_text

CASES = [
    (("云栖雅苑", "3", "1", "502"), "云栖雅苑3栋1单元502室"),
    (("云栖雅苑", "3栋", "1单元", "502室"), "云栖雅苑3栋1单元502室"),
    (("云栖雅苑", "3号楼", None, None), "云栖雅苑3号楼"),
    (("云栖雅苑", "A", "二", "***"), "云栖雅苑A栋二单元***室"),
    ((None, "12", None, "B1"), "12栋B1室"),
    (("Park 9", "3", None, None), "Park 9 3栋"),
    (("云栖雅苑", "地下车库", " ", ""), "云栖雅苑地下车库"),
    (("云栖雅苑", "3", "2", None, "5楼楼道"), "云栖雅苑3栋2单元5楼楼道"),
    (("云栖雅苑", "3栋", None, "***", "门口"), "云栖雅苑3栋***室门口"),
    ((None, None, None, None, " 小区北门 "), "小区北门"),
    ((None, None, None, None), ""),
]


@pytest.mark.parametrize(("parts", "text"), CASES)
def test_a_place_reads_as_one_writes_it(parts, text):
    assert place_text(*parts) == text


@pytest.mark.parametrize(
    ("typed", "spellings"),
    [
        ("3", {"3", "3栋"}),
        (" 3栋 ", {"3", "3栋"}),
        ("3号楼", {"3", "3栋", "3号楼"}),
        ("会所", {"会所"}),
    ],
)
def test_a_building_is_found_however_it_was_written(typed, spellings):
    assert set(building_spellings(typed)) == spellings
