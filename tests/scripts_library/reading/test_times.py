"""When something happened, and when an appointment is to be."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from scripts_library.reading.times import find_times, read_when, told_time

LOCAL = ZoneInfo("Asia/Shanghai")
MONDAY_10 = datetime(2026, 11, 23, 10, tzinfo=LOCAL)
JANUARY = datetime(2027, 1, 8, 9, tzinfo=LOCAL)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("昨晚八点多开始漏", "昨晚八点多"),
        ("上周三就这样了", "上周三"),
        ("都漏了三天了", "三天了"),
        ("路灯坏了半个月没人修", "半个月"),
        ("每天晚上十点以后", "每天晚上十点以后"),
        ("3栋2单元502室", None),
        ("你好", None),
    ],
)
def test_told_times(text: str, told: str | None) -> None:
    assert told_time(text) == told


@pytest.mark.parametrize("text", ["一直在响", "从早到晚电钻响", "现在没水了"])
def test_vague_words_are_no_time_unless_asked(text: str) -> None:
    assert told_time(text, is_asked=False) is None
    assert told_time(text) is not None


@pytest.mark.parametrize(
    ("text", "when"),
    [
        ("明天下午三点", datetime(2026, 11, 24, 15)),
        ("周六上午10点", datetime(2026, 11, 28, 10)),
        ("11月25号下午2点半", datetime(2026, 11, 25, 14, 30)),
        ("明早9点", datetime(2026, 11, 24, 9)),
        ("三点", datetime(2026, 11, 23, 15)),
        ("晚上九点", datetime(2026, 11, 23, 21)),
        ("后天", date(2026, 11, 25)),
        ("我想约周六下午看房", date(2026, 11, 28)),
    ],
)
def test_appointments(text: str, when: datetime | date) -> None:
    read = read_when(text, MONDAY_10)
    if isinstance(when, datetime):
        assert read.at is not None
        assert read.at.replace(tzinfo=None) == when
    else:
        assert (read.day, read.at) == (when, None)


def test_an_hour_alone_belongs_to_the_day_agreed() -> None:
    read = read_when("上午10点", MONDAY_10, day=date(2026, 11, 28))
    assert read.at is not None
    assert (read.at.day, read.at.hour) == (28, 10)


@pytest.mark.parametrize("text", ["随时", "再说吧", "", "3栋2单元", "?" * 50])
def test_no_appointment_in_other_words(text: str) -> None:
    assert read_when(text, MONDAY_10).at is None


@pytest.mark.parametrize(
    ("text", "now", "begins"),
    [
        ("五一的时候就漏了", MONDAY_10, date(2026, 5, 1)),
        ("国庆期间停的水", JANUARY, date(2026, 10, 1)),
        ("十一放假那会儿报过修", JANUARY, date(2026, 10, 1)),
        ("12月3号就坏了", JANUARY, date(2026, 12, 3)),
        ("去年国庆开始", MONDAY_10, date(2025, 10, 1)),
        ("春节", JANUARY, date(2027, 2, 6)),
        ("11月5号交的", MONDAY_10, date(2026, 11, 5)),
    ],
)
def test_a_date_without_its_year_is_in_the_year_that_fits(
    text: str, now: datetime, begins: date
) -> None:
    [found] = find_times(text, now)
    assert datetime.fromisoformat(found.details["begins"]).date() == begins


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("五一过来看房", date(2027, 5, 1)),
        ("元旦看房", date(2027, 1, 1)),
        ("1月3号下午两点", date(2027, 1, 3)),
        ("12月1号", date(2026, 12, 1)),
    ],
)
def test_an_appointment_is_never_in_a_year_gone_by(text: str, day: date) -> None:
    assert read_when(text, MONDAY_10).day == day
