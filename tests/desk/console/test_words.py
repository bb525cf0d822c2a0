"""Times and names as staff read them, and dates as they type them."""

from datetime import UTC, datetime

import pytest

from desk.console.elements import customer_name, moment
from desk.console.qa_filters import day_start
from desk.locale import texts
from desk.reviews.models import Decision, Outcome
from scripts_library.checking.verdict import CATEGORIES

NOW = datetime(2026, 11, 22, 2, 30, tzinfo=UTC)


def test_moment_is_on_the_companys_clock() -> None:
    assert moment(NOW, NOW) == "10:30"
    assert moment(datetime(2026, 11, 21, 15, 59, tzinfo=UTC), NOW) == "11月21日 23:59"


def test_customer_name() -> None:
    assert customer_name("ab12cdef") == "访客 AB12"


def test_day_start() -> None:
    day = day_start(" 2027/01/31 ")
    assert day is not None and day.isoformat() == "2027-01-31T00:00:00+08:00"
    assert day_start("") is day_start(None) is None
    for wrong in ("2027-02-30", "昨天", "31.1.2027"):
        with pytest.raises(ValueError, match=r".+"):
            day_start(wrong)


def test_all_words_of_reviews_exist() -> None:
    words = texts("review")
    assert set(CATEGORIES) <= set(words["category"])
    assert set(Decision) <= set(words["decision"])
    assert set(Outcome) <= set(words["outcome"])
