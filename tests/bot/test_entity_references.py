from collections.abc import Callable
from typing import Any

import pytest
from stdnum import damm

Values = Callable[[str, str], list[str]]
Extract = Callable[[str], list[dict[str, Any]]]


@pytest.mark.parametrize(
    ("text", "orders"),
    [
        ("MC2610180003 到哪了", ["MC2610180003"]),
        ("mc-2610180003", ["MC2610180003"]),
        ("ＭＣ２６１０１８０００３", ["MC2610180003"]),
        ("MC20261105001", ["MC20261105001"]),
        ("订单号：2610180003", ["MC2610180003"]),
        ("2610180003", []),
        ("MC-D70 多少钱", []),
        ("AMC2610180003X", []),
    ],
)
def test_order_numbers(values: Values, text: str, orders: list[str]) -> None:
    assert values(text, "order_no") == orders


@pytest.mark.parametrize("form", ["T{0}-{1}-{2}", "t{0}{1}{2}", "T{0} {1} {2}", "{0}-{1}-{2}"])
def test_ticket_numbers_in_the_forms_people_type(extract: Extract, form: str) -> None:
    day, sequence = "261122", "0007"
    check = damm.calc_check_digit(day + sequence)
    [found] = extract(f"帮我查下{form.format(day, sequence, check)}，谢谢")
    assert (found["entity"], found["check"]) == ("ticket_no", "ok")
    assert found["value"] == f"T261122-0007-{check}"


def test_a_mistyped_ticket_number_is_told_as_wrong(extract: Extract) -> None:
    wrong = (int(damm.calc_check_digit("2611220007")) + 1) % 10
    [found] = extract(f"T261122-0007-{wrong}")
    assert found["check"] == "wrong"


def test_a_number_with_no_date_is_no_ticket(values: Values) -> None:
    assert values("T269922-0007-3", "ticket_no") == []
