"""Order numbers as a dialogue reads them."""

import pytest

from scripts_library.reading.references import read_order_no


@pytest.mark.parametrize(
    ("text", "is_asked", "number"),
    [
        ("订单MC2610180003到哪了", False, "MC2610180003"),
        ("mc 2610180003", False, "MC2610180003"),
        ("2610180003", True, "MC2610180003"),
        ("2610180003", False, None),
        ("T261122-0007-3", True, None),
        ("不记得了", True, None),
    ],
)
def test_order_numbers(text: str, is_asked: bool, number: str | None) -> None:
    assert read_order_no(text, is_asked=is_asked) == number
