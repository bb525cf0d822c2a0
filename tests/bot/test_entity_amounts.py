from collections.abc import Callable

import pytest

Values = Callable[[str, str], list[str]]


@pytest.mark.parametrize(
    ("text", "money"),
    [
        ("那套134万的", ["1340000"]),
        ("98.5万", ["985000"]),
        ("30w首付", ["300000"]),
        ("1万2一平", ["12000"]),
        ("两百万够吗", ["2000000"]),
        ("一百二十万左右", ["1200000"]),
        ("¥1,200.50", ["1200.5"]),
        ("押金500块", ["500"]),
        ("3000元", ["3000"]),
        ("五百元", ["500"]),
        ("3块玻璃", []),
        ("元旦放假", []),
        ("1万科", []),
        ("350能谈不", []),
        ("万一漏水", []),
        ("亿家", []),
    ],
)
def test_money_in_yuan(values: Values, text: str, money: list[str]) -> None:
    assert values(text, "money") == money


@pytest.mark.parametrize(
    ("text", "areas"),
    [
        ("89平的", ["89"]),
        ("120多平方", ["120"]),
        ("九十平米", ["90"]),
        ("98.5㎡", ["98.5"]),
        ("100平方公里", []),
        ("几平", []),
        ("2平安", []),
    ],
)
def test_areas_in_square_metres(values: Values, text: str, areas: list[str]) -> None:
    assert values(text, "area") == areas
