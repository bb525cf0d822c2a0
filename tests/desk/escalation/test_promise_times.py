"""Until when a promise is owed. Now is Friday, 20 November 2026, 15:00, unless said otherwise."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.deadlines.service import PROFILES_FILE, read_profile
from desk.escalation.promise_times import promised_by
from desk.settings import PROJECT_DIR
from scripts_library.checking.promises import find_promises
from tests.desk.escalation.conftest import at

CALENDAR = read_profile(PROJECT_DIR / "data" / "company.yml", PROFILES_FILE).calendar

CASES = [
    ("明天上午", "2026-11-21 12:00"),
    ("明天", "2026-11-21 17:00"),
    ("明天下午", "2026-11-21 17:00"),
    ("明天下午3点", "2026-11-21 15:00"),
    ("明天下午三点半前", "2026-11-21 15:30"),
    ("明早", "2026-11-21 10:00"),
    ("今晚", "2026-11-20 22:00"),
    ("今晚八点", "2026-11-20 20:00"),
    ("今天", "2026-11-20 18:00"),
    ("今天下班前", "2026-11-20 18:00"),
    ("下午5点", "2026-11-20 17:00"),
    ("5点", "2026-11-20 17:00"),
    ("17:30", "2026-11-20 17:30"),
    ("上午10点", "2026-11-21 10:00"),
    ("后天", "2026-11-22 17:00"),
    ("大后天中午", "2026-11-23 14:00"),
    ("周一", "2026-11-23 18:00"),
    ("下周一", "2026-11-23 18:00"),
    ("下周三上午", "2026-11-25 12:00"),
    ("周日", "2026-11-22 17:00"),
    ("本周五", "2026-11-20 18:00"),
    ("周末", "2026-11-22 17:00"),
    ("下周", "2026-11-29 17:00"),
    ("这周", "2026-11-22 17:00"),
    ("月底", "2026-11-30 18:00"),
    ("下个月", "2026-12-31 18:00"),
    ("年底", "2026-12-31 18:00"),
    ("11月25日", "2026-11-25 18:00"),
    ("25号上午", "2026-11-25 12:00"),
    ("5号", "2026-12-05 17:00"),
    ("1月5日", "2027-01-05 18:00"),
    ("三个工作日内", "2026-11-23 18:00"),
    ("1个工作日内", "2026-11-21 17:00"),
    ("24小时内", "2026-11-21 15:00"),
    ("半小时内", "2026-11-20 15:30"),
    ("半个小时", "2026-11-20 15:30"),
    ("一个半小时内", "2026-11-20 16:30"),
    ("十分钟", "2026-11-20 15:10"),
    ("两天内", "2026-11-22 15:00"),
    ("3日内", "2026-11-23 15:00"),
    ("一周内", "2026-11-27 15:00"),
    ("马上", "2026-11-20 18:00"),
    ("稍后", "2026-11-20 18:00"),
    ("尽快", "2026-11-21 15:00"),
    ("有消息后第一时间", "2026-11-21 15:00"),
]


@pytest.mark.parametrize(("when", "due"), CASES, ids=[case[0] for case in CASES])
def test_a_promise_is_owed(when, due):
    assert promised_by(when, at("15:00"), CALENDAR) == at(due)


@pytest.mark.parametrize("when", ["", "今天上午10点", "99月99日", "25点", "好的", "31日40点"])
def test_no_time_a_past_one_and_nonsense(when):
    assert promised_by(when, at("15:00"), CALENDAR) is None


def test_today_said_after_hours_is_until_midnight():
    assert promised_by("今天", at("20:00"), CALENDAR) == at("23:59")


def test_on_a_day_off_the_day_still_counts():
    closed = read_profile(PROJECT_DIR / "data" / "company.yml", PROFILES_FILE)
    calendar = closed.levels["director"].calendar
    assert calendar.intervals(date(2026, 11, 21)) == ()
    assert promised_by("明天", at("15:00"), calendar) == at("2026-11-21 18:00")


@pytest.mark.parametrize(
    ("reply", "due"),
    [
        ("我明天上午给您答复", "2026-11-21 12:00"),
        ("师傅今天下班前会联系您", "2026-11-20 18:00"),
        ("我们三个工作日内给您回复", "2026-11-23 18:00"),
        ("我24小时内回复您", "2026-11-21 15:00"),
    ],
)
def test_times_as_the_checker_finds_them(reply, due):
    (promise,) = find_promises(reply)
    assert promised_by(promise.when_text, at("15:00"), CALENDAR) == at(due)


@given(
    st.text(
        alphabet="今明后天日周星期礼拜下本这个月年底上午晚早点半几一二三十百0159:：内前末号分钟小时工作",
        max_size=12,
    )
)
def test_whatever_is_written_it_never_fails_and_is_never_past(when):
    due = promised_by(when, at("15:00"), CALENDAR)
    assert due is None or due > at("15:00")
