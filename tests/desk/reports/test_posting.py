"""Reports by e-mail: when, to whom, and once."""

import asyncio
from datetime import date, datetime, time, timedelta

import pytest
from sqlalchemy import select

from desk.app import Desk
from desk.clock import LOCAL_ZONE
from desk.outbox.models import OutboxAttachment, OutboxMessage
from desk.reports.models import SentReport
from desk.reports.periods import period_of
from desk.reports.posting import due_periods, is_sent, post, send_due, write_letter
from tests.desk.support import build

TIMES = {"daily_at": time(17, 30), "morning_at": time(8, 30)}
SUNDAY_EVENING = datetime(2026, 10, 11, 17, 45, tzinfo=LOCAL_ZONE)


def at(day, clock):
    return datetime.combine(date(2026, 10, day), time.fromisoformat(clock), LOCAL_ZONE)


@pytest.mark.parametrize(
    ("kind", "now", "first"),
    [
        ("day", at(11, "17:29"), None),
        ("day", at(11, "17:30"), date(2026, 10, 11)),
        ("day", at(12, "08:00"), date(2026, 10, 11)),
        ("day", at(12, "12:00"), None),
        ("week", at(11, "23:00"), None),
        ("week", at(12, "08:29"), None),
        ("week", at(12, "08:30"), date(2026, 10, 5)),
        ("week", at(14, "20:00"), date(2026, 10, 5)),
        ("week", at(15, "20:00"), None),
        ("month", at(1, "08:30"), date(2026, 9, 1)),
        ("quarter", at(1, "08:30"), date(2026, 7, 1)),
        ("quarter", at(20, "08:30"), None),
    ],
)
def test_which_report_is_due_when(kind, now, first):
    found = [period.first for period in due_periods([kind], now, **TIMES)]
    assert found == ([first] if first else [])


def desk_with(database_url, tmp_path, checker, **values) -> Desk:
    return build(database_url, tmp_path, checker, rasa_url="http://127.0.0.1:1", **values)


def mails(database):
    with database.reading() as session:
        return [(one.address, one.subject) for one in session.scalars(select(OutboxMessage))]


async def test_the_daily_report_goes_out_once_to_each_address(
    year, database_url, tmp_path, checker
):
    recipients = {"day": ["boss@example.com", "qa@example.com", "boss@example.com"], "week": []}
    desks = [
        desk_with(database_url, tmp_path, checker, report_recipients=recipients) for _ in range(2)
    ]
    await asyncio.gather(*(send_due(desk, SUNDAY_EVENING) for desk in desks))
    await send_due(desks[0], SUNDAY_EVENING + timedelta(minutes=5))
    assert sorted(mails(year)) == [
        ("boss@example.com", "服务日报 2026年10月11日（周日）"),
        ("qa@example.com", "服务日报 2026年10月11日（周日）"),
    ]
    with year.reading() as session:
        body = session.scalar(select(OutboxMessage.body))
        files = session.scalars(select(OutboxAttachment)).all()
        assert {(file.name, file.content[:4]) for file in files} == {
            ("kefu-day-2026-10-11.pdf", b"%PDF"),
            ("kefu-day-2026-10-11.xlsx", b"PK\x03\x04"),
        }
        assert session.scalar(select(SentReport.begins_on)) == date(2026, 10, 11)
    assert "受理工单：" in body
    for desk in desks:
        desk.database.dispose()


async def test_nothing_goes_out_when_no_address_is_set(year, database_url, tmp_path, checker):
    desk = desk_with(database_url, tmp_path, checker)
    await send_due(desk, SUNDAY_EVENING)
    assert mails(year) == []
    desk.database.dispose()


def test_who_comes_second_sends_nothing(database):
    period = period_of("day", date(2026, 10, 11))
    with database.reading() as session:
        letter = write_letter(session, period, "云栖", SUNDAY_EVENING)
    with database.transaction() as session:
        assert post(session, letter, ["boss@example.com"], SUNDAY_EVENING)
    with database.transaction() as session:
        assert is_sent(session, period)
        assert not post(session, letter, ["other@example.com"], SUNDAY_EVENING)
    assert [address for address, _ in mails(database)] == ["boss@example.com"]


def test_a_rolled_back_sending_may_be_tried_again(database):
    period = period_of("day", date(2026, 10, 11))
    with database.reading() as session:
        letter = write_letter(session, period, "云栖", SUNDAY_EVENING)
    with pytest.raises(RuntimeError), database.transaction() as session:
        post(session, letter, ["boss@example.com"], SUNDAY_EVENING)
        raise RuntimeError
    with database.transaction() as session:
        assert post(session, letter, ["boss@example.com"], SUNDAY_EVENING)
    assert len(mails(database)) == 1
