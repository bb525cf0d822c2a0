"""Phones, names and places from what people type."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.folding import fold
from scripts_library.reading.emails import read_email
from scripts_library.reading.names import read_name
from scripts_library.reading.phones import PhoneReading, read_last4, read_phone
from scripts_library.reading.places import Place, merge, read_place

ESTATES = ("云栖雅苑", "云栖雅苑二期")


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("13800138000", "13800138000"),
        ("我的电话是138 0013 8000", "13800138000"),
        ("138-0013-8000 王先生", "13800138000"),
        ("１３８００１３８０００", "13800138000"),
        ("+86 13800138000", "13800138000"),
        ("座机0571-88881234", "057188881234"),
        ("400-820-0000", "4008200000"),
        ("不是13800138000，是13900001234", "13900001234"),
        ("+852 5123 4567", "+85251234567"),
        ("一三八零零一三八零零零", "13800138000"),
        ("王五13800138000", "13800138000"),
    ],
)
def test_a_real_phone_is_read(text: str, number: str) -> None:
    assert read_phone(fold(text).text) == PhoneReading(number=number)


@pytest.mark.parametrize(
    ("text", "problem", "digits"),
    [
        ("1380013800", "too_short", 10),
        ("138001380001", "too_long", 12),
        ("12800138000", "not_real", 11),
        ("电话12345", "too_short", 5),
        ("座机88881234", "no_area_code", 8),
        ("6234567", "no_area_code", 7),
        ("王五 123456", "too_short", 6),
    ],
)
def test_a_wrong_phone_says_what_is_wrong(text: str, problem: str, digits: int) -> None:
    reading = read_phone(text, is_asked=True)
    assert (reading.number, reading.problem, reading.digits) == (None, problem, digits)


@pytest.mark.parametrize(
    "text",
    [
        "订单MC2610180003",
        "工单T261122-0007-3",
        "3栋2单元502",
        "交了20000元",
        "漏了三个月了",
        "2024年5月买的",
        "",
    ],
)
def test_other_numbers_are_no_phone(text: str) -> None:
    assert read_phone(text) == PhoneReading()


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("5526", "5526"),
        ("五五二六", "5526"),
        ("尾号5526", "5526"),
        ("手机是13800138000", "8000"),
        ("MC2610180003", None),
        ("2026年", None),
        ("不知道", None),
        ("12345", None),
    ],
)
def test_last_four_digits(text: str, digits: str | None) -> None:
    assert read_last4(text) == digits


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("发到Wang.Li@Example.com吧", "wang.li@example.com"),
        ("旧的a@example.com，新的b@example.cn", "b@example.cn"),
        ("邮箱是wang@", None),
        ("@所有人", None),
    ],
)
def test_email_addresses(text: str, address: str | None) -> None:
    assert read_email(text) == address


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("我是云栖雅苑3栋2单元502的业主", "云栖雅苑3栋2单元502室"),
        ("云栖雅苑二期7栋1单元301", "云栖雅苑二期7栋1单元301室"),
        ("13-2-302", "13栋2单元302室"),
        ("十三栋二单元1203室", "13栋2单元1203室"),
        ("A座1203", "A栋1203室"),
        ("3#1202", "3栋1202室"),
        ("3号楼2单元5楼1号", "3栋2单元501室"),
        ("不是3栋，是5栋", "5栋"),
        ("3栋，哦不，4栋", "4栋"),
        ("住8幢", "8栋"),
        ("5栋2单1203", "5栋2单元1203室"),
        ("2座1203A", "2栋1203A室"),
        ("我家3-1202漏水", "3栋1202室"),
    ],
)
def test_places(text: str, written: str) -> None:
    assert read_place(text, ESTATES).text == written


@pytest.mark.parametrize(
    "text",
    [
        "三室两厅119平",
        "2021年买的",
        "花了12000元",
        "电话0571-88881234",
        "502",
        "你好",
        "12月3号来的",
    ],
)
def test_what_is_no_place_unless_asked(text: str) -> None:
    assert not read_place(text, ESTATES)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("502", "502室"),
        ("3 2 502", "3栋2单元502室"),
        ("小区东门路灯那里", "小区东门"),
        ("3号502", "3栋502室"),
        ("3-502", "3栋502室"),
    ],
)
def test_short_places_count_when_asked(text: str, written: str) -> None:
    assert read_place(text, ESTATES, is_asked=True).text == written


def test_merge_keeps_what_the_new_place_does_not_say() -> None:
    old = Place("云栖雅苑", "3", "2", "502")
    assert merge(old, Place(building="5")) == Place("云栖雅苑", "5", "2", "502")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("我姓王", "王"),
        ("免贵姓陈", "陈"),
        ("我叫欧阳娜娜", "欧阳娜娜"),
        ("李女士 13800138000", "李女士"),
        ("姓名：刘小丽，电话13800138000", "刘小丽"),
        ("我是3栋业主王先生", "王先生"),
    ],
)
def test_stated_names(text: str, name: str) -> None:
    assert read_name(fold(text).text) == name


@pytest.mark.parametrize(
    ("text", "name"),
    [("王建国", "王建国"), ("张", "张"), ("叫我小李就行", "小李"), ("周敏 1380013800", "周敏")],
)
def test_bare_names_count_when_asked(text: str, name: str) -> None:
    assert read_name(text, is_asked=True) == name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("王丽 13800138000", "王丽"),
        ("李四13912345678", "李四"),
        ("张伟，电话是139 1234 5678。", "张伟"),
        ("陈女士：13912345678", "陈女士"),
        ("单号 20261122001", None),
        ("物业电话13800138000", None),
        ("王丽 13800138000 快点来修", None),
    ],
)
def test_a_name_and_a_number_alone_are_a_contact(text: str, name: str | None) -> None:
    assert read_name(fold(text).text) == name


@pytest.mark.parametrize(
    "text",
    [
        "跳过",
        "好的",
        "水管漏了",
        "不方便",
        "我是业主",
        "安全问题",
        "高空抛物",
        "易燃物堆在楼道",
        "13800138000",
        "？？？",
        "<b>王</b>",
    ],
)
def test_other_words_are_no_name(text: str) -> None:
    assert read_name(text, is_asked=True) is None


@given(st.text(max_size=200))
def test_any_text_is_read_without_error(text: str) -> None:
    plain = fold(text).text
    number = read_phone(plain, is_asked=True).number
    place = read_place(plain, ESTATES, is_asked=True)
    assert number is None or number.lstrip("+").isdigit()
    assert place.room is None or place.room[:3].isdigit()
    assert len(read_name(plain, is_asked=True) or "") <= 10
