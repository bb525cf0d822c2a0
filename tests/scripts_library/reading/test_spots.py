"""Floors and public places as parts of a place."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.folding import fold
from scripts_library.reading.places import Place, merge, read_place

ESTATES = ("云栖雅苑", "云栖雅苑二期")


def read(text: str, *, is_asked: bool = False) -> Place:
    return read_place(fold(text).text, ESTATES, is_asked=is_asked)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("3栋2单元5楼楼道的灯坏了", "3栋2单元5楼楼道"),
        ("云栖雅苑３栋２单元５楼楼道灯坏了", "云栖雅苑3栋2单元5楼楼道"),
        ("三栋二单元十五楼走廊没人打扫", "3栋2单元15楼走廊"),
        ("3棟2單元5樓的樓道", "3栋2单元5楼楼道"),
        ("3栋2单元5层一直没灯", "3栋2单元5楼"),
        ("3栋2单元，5楼", "3栋2单元5楼"),
        ("3栋2单元5楼道灯不亮", "3栋2单元5楼楼道"),
        ("3栋-2单元-5楼", "3栋2单元5楼"),
        ("3栋楼道灯不亮", "3栋楼道"),
        ("3号楼道灯不亮", "3栋楼道"),
        ("2号楼电梯困人", "2栋电梯"),
        ("2号楼的1号电梯", "2栋1号电梯"),
        ("3栋2单元门禁坏了", "3栋2单元门禁"),
        ("2号楼东侧绿化带", "2栋东侧绿化带"),
        ("5号楼负一层车库漏水", "5栋负1楼车库"),
        ("5号楼地下二层的停车场", "5栋负2楼停车场"),
        ("5号楼B1车库", "5栋负1楼车库"),
        ("5号楼-1楼", "5栋负1楼"),
        ("3栋顶层漏水", "3栋顶楼"),
        ("3栋2单元，不是5楼，是6楼", "3栋2单元6楼"),
        ("3栋5楼楼道，哦不，3栋6楼楼道", "3栋6楼楼道"),
    ],
)
def test_a_spot_after_a_building_or_unit(text: str, written: str) -> None:
    assert read(text).text == written
    assert read(text, is_asked=True).text == written


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("一共18层", ""),
        ("3栋一共18层", "3栋"),
        ("3栋有33层", "3栋"),
        ("这栋楼有33层", ""),
        ("三层玻璃", ""),
        ("3栋2单元三层玻璃碎了", "3栋2单元"),
        ("3栋2单元刷了两层漆", "3栋2单元"),
        ("3栋2单元一层灰", "3栋2单元"),
        ("3栋是2层楼", "3栋"),
        ("3栋2单元三四楼都吵", "3栋2单元"),
        ("3栋2单元5-8楼停水", "3栋2单元"),
        ("楼上16楼天天吵，我家3栋1501", "3栋1501室"),
        ("3栋5楼，哦不，4栋", "4栋"),
        ("3栋2单元502室5楼", "3栋2单元502室"),
        ("3栋2单元5楼1号", "3栋2单元501室"),
        ("3栋2单元5楼502", "3栋2单元502室"),
        ("3栋楼下停车", "3栋"),
        ("物业费多少钱一平", ""),
    ],
)
def test_counts_things_and_other_homes_are_no_spot(text: str, written: str) -> None:
    assert read(text).text == written
    assert read(text, is_asked=True).text == written


def test_what_is_no_place_has_a_floor_only_after_its_building() -> None:
    for text in ("5楼楼道灯坏了", "顶楼漏水", "小区北门", "3栋是18层的", "一楼大厅"):
        assert read(text).spot is None


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("5楼", "5楼"),
        ("五楼楼道", "5楼楼道"),
        ("住在顶楼", "顶楼"),
        ("负二停车场", "负2楼停车场"),
        ("我说的是小区北门", "小区北门"),
        ("那个儿童游乐场", "儿童游乐场"),
        ("云栖雅苑北门", "云栖雅苑北门"),
        ("二期中心广场那里", "二期中心广场"),
        ("不是北门，是南门", "南门"),
        ("不是5楼，是6楼", "6楼"),
        ("不是5楼楼道，是6楼楼道", "6楼楼道"),
        ("楼道的灯，3栋2单元5楼", "3栋2单元5楼楼道"),
        ("3栋2单元502门口", "3栋2单元502室门口"),
        ("3栋旁边的儿童游乐场", "3栋旁边的儿童游乐场"),
    ],
)
def test_the_answer_to_where_may_be_a_spot(text: str, written: str) -> None:
    assert read(text, is_asked=True).text == written


@pytest.mark.parametrize(
    ("old", "new", "spot"),
    [
        (Place(building="3", spot="5楼"), Place(spot="6楼"), "6楼"),
        (Place(building="3", spot="5楼楼道"), Place(spot="6楼"), "6楼楼道"),
        (Place(building="3", spot="5楼"), Place(spot="楼道"), "5楼楼道"),
        (Place(building="3", spot="5楼楼道"), Place(spot="楼道"), "5楼楼道"),
        (Place(building="3", spot="5楼楼道"), Place(spot="北门"), "北门"),
        (Place(building="3", spot="5楼楼道"), Place(unit="2"), "5楼楼道"),
        (Place(building="3", spot="5楼楼道"), Place(building="4"), None),
        (Place(building="3", spot="5楼楼道"), Place(building="4", spot="6楼"), "6楼"),
        (Place(building="3", spot="5楼"), Place(room="502"), None),
        (Place(building="3", spot="5楼楼道"), Place(room="502"), "楼道"),
        (Place(building="3", spot="16楼楼道"), Place(room="1501A"), "16楼楼道"),
    ],
)
def test_a_later_spot_corrects_or_completes(old: Place, new: Place, spot: str | None) -> None:
    assert merge(old, new).spot == spot


def test_a_public_place_is_more_than_a_floor() -> None:
    assert Place(spot="5楼楼道").has_public_place
    assert Place(spot="北门").has_public_place
    assert not Place(spot="负1楼").has_public_place
    assert not Place(spot="顶楼").has_public_place
    assert not Place(building="3").has_public_place


@given(
    st.text(
        alphabet=st.sampled_from("一二三十两15负地下b-栋单元室楼层道电梯车库门口北的,是不"),
        max_size=60,
    )
)
def test_any_spot_fits_its_column(text: str) -> None:
    place = read(text, is_asked=True)
    assert len(place.spot or "-") <= 64
    assert merge(place, read(text)) == merge(merge(place, read(text)), read(text))
