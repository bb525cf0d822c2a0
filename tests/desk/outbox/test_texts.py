"""What customers read passes our own checker, in both scripts; nothing promises too much."""

import pytest

from desk.locale import t, texts
from scripts_library.checking.verdict import Severity
from scripts_library.text.chinese import to_simplified, to_traditional

VALUES = {
    "number": "T261123-0001-1",
    "kind": "投诉",
    "department": "工程部",
    "responsible": "小周",
    "due": "11月24日（周二）18:00",
    "phone": "400-820-0000",
    "question": "请问是哪一扇窗？",
    "text": "已更换密封条，试水正常。",
    "company": "云栖",
    "into": "T261123-0002-9",
    "code": "381624",
    "minutes": 10,
}


@pytest.mark.parametrize("name", sorted(texts("customer")))
def test_the_checker_has_nothing_against_it(checker, name):
    said = t(f"customer.{name}", **VALUES)
    flags = [flag for flag in checker.check(said).flags if flag.severity >= Severity.WARN]
    assert flags == [], said
    assert to_simplified(to_traditional(said)) == said
