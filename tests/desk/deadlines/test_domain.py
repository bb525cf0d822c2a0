"""The deadline engine against a slow model that walks minute by minute."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import permutations
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desk.deadlines.calendars import DAY_NAMES, DayKind, NoWorkingTime, WorkingCalendar
from desk.deadlines.domain import Allowance, compute_deadline, due_after
from desk.deadlines.pauses import pauses_from
from desk.deadlines.replay import recompute

ZONE = ZoneInfo("Asia/Shanghai")
OFFICE = ((time(8, 30), time(12)), (time(13, 30), time(18)))
MINUTE = timedelta(minutes=1)


def make_calendar(hours=None, holidays=()):
    hours = hours or dict.fromkeys(DAY_NAMES[:5], OFFICE)

    def kind_of(day: date) -> DayKind:
        if day in holidays:
            return DayKind("closed", "public_holiday")
        return DayKind(DAY_NAMES[day.weekday()])

    return WorkingCalendar(ZONE, hours, kind_of)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


SAME_DAY = Allowance(same_day=True)
EIGHT_HOURS = Allowance(working_time=timedelta(hours=8))

CASES = [
    # 2026-11-20 is a Friday.
    ("same-day-in-the-morning", "2026-11-20 09:00", SAME_DAY, "2026-11-20 18:00"),
    ("same-day-at-lunch", "2026-11-20 12:30", SAME_DAY, "2026-11-20 18:00"),
    ("same-day-after-hours-is-next-working-day", "2026-11-20 18:00", SAME_DAY, "2026-11-23 18:00"),
    ("same-day-on-sunday", "2026-11-22 10:00", SAME_DAY, "2026-11-23 18:00"),
    ("three-working-days", "2026-11-20 09:00", Allowance(working_days=3), "2026-11-25 18:00"),
    ("eight-hours-skip-lunch", "2026-11-20 09:00", EIGHT_HOURS, "2026-11-23 09:00"),
    ("eight-hours-over-a-night", "2026-11-19 09:30", EIGHT_HOURS, "2026-11-20 09:30"),
    (
        "clock-time-ignores-the-weekend",
        "2026-11-20 09:00",
        Allowance(clock_time=timedelta(hours=48)),
        "2026-11-22 09:00",
    ),
]


@pytest.mark.parametrize(
    ("start", "allowance", "due"), [c[1:] for c in CASES], ids=[c[0] for c in CASES]
)
def test_deadline(start, allowance, due):
    assert compute_deadline(at(start), allowance, make_calendar()).due_at == at(due)


def steps_of(deadline):
    return [step.as_json() for step in deadline.steps]


def test_holiday_is_skipped_and_named_in_the_trace():
    calendar = make_calendar(holidays={date(2026, 11, 23)})
    deadline = compute_deadline(at("2026-11-20 19:00"), SAME_DAY, calendar)
    assert deadline.due_at == at("2026-11-24 18:00")
    assert [(step["step"], step.get("why")) for step in steps_of(deadline)] == [
        ("received", None),
        ("same_day", None),
        ("day_off", "hours_over"),
        ("day_off", "no_hours"),
        ("day_off", "no_hours"),
        ("day_off", "public_holiday"),
        ("day_of_receipt", None),
        ("day_budget", None),
        ("counted", None),
        ("counted", None),
        ("warn", None),
        ("due", None),
    ]


def test_start_in_another_time_zone_is_the_same_instant():
    start = at("2026-11-20 09:00")
    calendar = make_calendar()
    deadline = compute_deadline(start.astimezone(UTC), EIGHT_HOURS, calendar)
    assert deadline == compute_deadline(start, EIGHT_HOURS, calendar)


def test_calendar_without_working_time():
    for allowance in (EIGHT_HOURS, SAME_DAY):
        with pytest.raises(NoWorkingTime):
            compute_deadline(at("2026-11-20 09:00"), allowance, make_calendar({"mon": ()}))


@pytest.mark.parametrize("fields", [{}, {"same_day": True, "working_days": 1}])
def test_allowance_counts_in_exactly_one_way(fields):
    with pytest.raises(ValueError, match="exactly one"):
        Allowance(**fields)


# Received on Friday 20 November; office hours 8:30-12:00 and 13:30-18:00, no weekends.
WARNINGS = [
    ("hours", Allowance(working_time=timedelta(hours=4)), "2026-11-20 09:00", "2026-11-20 12:00"),
    ("day", SAME_DAY, "2026-11-20 08:30", "2026-11-20 16:00"),
    ("clock", Allowance(clock_time=timedelta(hours=48)), "2026-11-20 09:00", "2026-11-21 21:00"),
]


@pytest.mark.parametrize(
    ("allowance", "start", "warn"), [w[1:] for w in WARNINGS], ids=[w[0] for w in WARNINGS]
)
def test_warning_comes_after_three_quarters_of_the_working_time(allowance, start, warn):
    assert compute_deadline(at(start), allowance, make_calendar()).warn_at == at(warn)


PAUSES = [
    # (what, allowance, pauses, due): always received on Friday at 09:00.
    ("in-the-day", EIGHT_HOURS, [("2026-11-20 10:00", "2026-11-20 11:00")], "2026-11-23 10:00"),
    ("over-lunch", EIGHT_HOURS, [("2026-11-20 11:30", "2026-11-20 14:00")], "2026-11-23 10:00"),
    # 1.5 h of Friday and 0.5 h of Monday; the weekend between them costs nothing.
    ("over-weekend", EIGHT_HOURS, [("2026-11-20 16:30", "2026-11-23 09:00")], "2026-11-23 11:00"),
    ("all-night", EIGHT_HOURS, [("2026-11-20 18:00", "2026-11-23 08:30")], "2026-11-23 09:00"),
    ("same-day", SAME_DAY, [("2026-11-20 16:00", "2026-11-20 17:00")], "2026-11-23 09:30"),
    ("before-receipt", EIGHT_HOURS, [("2026-11-19 09:00", "2026-11-20 09:00")], "2026-11-23 09:00"),
    ("after-the-end", SAME_DAY, [("2026-11-20 18:00", "2026-11-24 18:00")], "2026-11-20 18:00"),
    (
        "overlapping-count-once",
        EIGHT_HOURS,
        [("2026-11-20 10:30", "2026-11-20 11:00"), ("2026-11-20 10:00", "2026-11-20 10:45")],
        "2026-11-23 10:00",
    ),
    (
        "by-the-clock",
        Allowance(clock_time=timedelta(hours=48)),
        [("2026-11-20 20:00", "2026-11-21 08:00")],
        "2026-11-22 21:00",
    ),
]


@pytest.mark.parametrize(
    ("allowance", "pauses", "due"), [p[1:] for p in PAUSES], ids=[p[0] for p in PAUSES]
)
def test_pauses_cost_the_working_time_in_them(allowance, pauses, due):
    spans = [(at(begin), at(end)) for begin, end in pauses]
    deadline = compute_deadline(at("2026-11-20 09:00"), allowance, make_calendar(), pauses=spans)
    assert deadline.due_at == at(due)
    assert not deadline.is_paused


def test_an_open_pause_tells_what_is_left():
    deadline = compute_deadline(
        at("2026-11-20 09:00"),
        EIGHT_HOURS,
        make_calendar(),
        pauses=[(at("2026-11-20 11:00"), None)],
    )
    assert deadline.is_paused
    assert deadline.left == timedelta(hours=6)
    assert deadline.due_at == at("2026-11-23 09:00")
    assert deadline.steps[-1].name == "due_if_resumed"


CUTOFFS = [
    ("five-minutes-before-the-end", "2026-11-20 17:55", "2026-11-23 18:00"),
    ("exactly-the-cutoff-before-the-end", "2026-11-20 17:30", "2026-11-20 18:00"),
    ("before-lunch-is-not-the-end", "2026-11-20 11:55", "2026-11-20 18:00"),
    ("on-sunday", "2026-11-22 10:00", "2026-11-23 18:00"),
]


@pytest.mark.parametrize(("start", "due"), [c[1:] for c in CUTOFFS], ids=[c[0] for c in CUTOFFS])
def test_a_late_receipt_counts_from_the_next_working_day(start, due):
    cutoff = timedelta(minutes=30)
    deadline = compute_deadline(at(start), SAME_DAY, make_calendar(), receipt_cutoff=cutoff)
    assert deadline.due_at == at(due)


def test_a_day_shorter_than_the_cutoff_still_counts():
    calendar = make_calendar({"fri": ((time(9), time(9, 20)),)})
    start, cutoff = at("2026-11-20 08:00"), timedelta(minutes=30)
    deadline = compute_deadline(start, SAME_DAY, calendar, receipt_cutoff=cutoff)
    assert deadline.due_at == at("2026-11-20 09:20")


def test_a_year_without_holidays_is_named():
    def kind_of(day):
        return DayKind(DAY_NAMES[day.weekday()], is_guess=day.year > 2026)

    calendar = WorkingCalendar(ZONE, dict.fromkeys(DAY_NAMES[:5], OFFICE), kind_of)
    deadline = compute_deadline(at("2026-12-31 17:00"), EIGHT_HOURS, calendar)
    assert {"step": "unknown_year", "year": 2027} in steps_of(deadline)
    assert deadline.due_at == at("2027-01-01 17:00")


def test_steps_that_contradict_one_another_are_refused():
    deadline = compute_deadline(at("2026-11-20 09:00"), EIGHT_HOURS, make_calendar())
    steps = steps_of(deadline)
    assert recompute(steps) == (deadline.due_at, deadline.warn_at)
    without_one = [step for step in steps if step["step"] != "counted"]
    with pytest.raises(ValueError, match="do not add up"):
        recompute(without_one)
    pause = {"step": "pause", "begin": "2026-11-20T10:00+08:00", "end": "2026-11-20T11:00+08:00"}
    with pytest.raises(ValueError, match="do not follow"):
        recompute([*steps, pause])


@pytest.mark.parametrize(
    ("changes", "pauses"),
    [
        ([("10:00", 1), ("12:00", -1)], [("10:00", "12:00")]),
        # One reason ends at the instant at which another begins: the time stands throughout.
        ([("10:00", 1), ("12:00", -1), ("12:00", 1), ("13:00", -1)], [("10:00", "13:00")]),
        ([("10:00", 1), ("11:00", 1), ("12:00", -1), ("13:00", -1)], [("10:00", "13:00")]),
        ([("10:00", 1), ("10:00", -1)], []),
        ([("10:00", 1), ("11:00", -1), ("12:00", 1)], [("10:00", "11:00"), ("12:00", None)]),
    ],
)
def test_pauses_do_not_depend_on_the_order_of_what_happened(changes, pauses):
    def on(text):
        return text and at(f"2026-11-20 {text}")

    expected = tuple((on(begin), on(end)) for begin, end in pauses)
    for order in permutations([(on(when), change) for when, change in changes]):
        assert pauses_from(order) == expected


@st.composite
def calendars(draw):
    """Calendars with up to three intervals a day and some holidays, at least one working hour."""
    hours = {}
    for name in DAY_NAMES:
        marks = draw(st.lists(st.integers(0, 95), max_size=6, unique=True).map(sorted))
        times = [time(mark // 4, mark % 4 * 15) for mark in marks]
        hours[name] = tuple(zip(times[::2], times[1::2], strict=False))
    hours["wed"] = ((time(10), time(15)),)
    days_off = draw(st.sets(st.integers(0, 12), max_size=5))
    return make_calendar(hours, {date(2026, 11, 16) + timedelta(days=n) for n in days_off})


starts = st.integers(0, 6 * 24 * 60).map(lambda n: at("2026-11-16 00:00") + n * MINUTE)
amounts = st.integers(1, 12 * 60).map(lambda n: n * MINUTE)


@st.composite
def pause_lists(draw):
    """Closed pauses of up to two days; they may overlap and touch."""
    made = []
    for _ in range(draw(st.integers(0, 4))):
        begin = draw(starts) + draw(st.integers(-600, 600)) * MINUTE
        made.append((begin, begin + draw(st.integers(0, 2 * 24 * 60)) * MINUTE))
    return made


allowances = st.one_of(
    st.just(SAME_DAY),
    amounts.map(lambda amount: Allowance(working_time=amount)),
    amounts.map(lambda amount: Allowance(clock_time=amount)),
    st.integers(1, 4).map(lambda days: Allowance(working_days=days)),
)


def is_working(instant, calendar):
    spans = calendar.intervals(instant.astimezone(ZONE).date())
    return any(first <= instant < last for first, last in spans)


def slow_deadline(start, allowance, calendar, pauses=()):
    """Walk minute by minute and count those in which people work and nothing is paused."""
    left = allowance.clock_time or allowance.working_time or slow_budget(start, allowance, calendar)
    instant = start
    while left:
        counts = allowance.clock_time is not None or is_working(instant, calendar)
        if counts and not any(begin <= instant < end for begin, end in pauses):
            left -= MINUTE
        instant += MINUTE
    return instant


def slow_budget(start, allowance, calendar):
    """Count the working minutes until the n-th further day with working minutes is over."""
    left, days, instant, budget = (allowance.working_days or 0) + 1, set(), start, timedelta()
    while True:
        if is_working(instant, calendar):
            days.add(instant.date())
            if len(days) > left:
                return budget
            budget += MINUTE
        instant += MINUTE


@settings(max_examples=80, deadline=None)
@given(calendars(), starts, allowances, pause_lists())
def test_equals_the_slow_model(calendar, start, allowance, pauses):
    deadline = compute_deadline(start, allowance, calendar, pauses=pauses)
    assert deadline.due_at == slow_deadline(start, allowance, calendar, pauses)


@settings(max_examples=80, deadline=None)
@given(calendars(), starts, amounts, pause_lists(), st.integers(1, 100))
def test_the_warning_is_the_deadline_of_the_share(calendar, start, amount, pauses, percent):
    allowance = Allowance(working_time=amount * 100)
    deadline = compute_deadline(start, allowance, calendar, pauses=pauses, warning_percent=percent)
    share = Allowance(working_time=amount * percent)
    assert deadline.warn_at == compute_deadline(start, share, calendar, pauses=pauses).due_at
    assert start < deadline.warn_at <= deadline.due_at


@settings(max_examples=150, deadline=None)
@given(calendars(), starts, pause_lists(), amounts, amounts)
def test_working_time_is_monotone_and_never_early(calendar, start, pauses, amount, more):
    shorter = compute_deadline(start, Allowance(working_time=amount), calendar, pauses=pauses)
    longer = compute_deadline(start, Allowance(working_time=amount + more), calendar, pauses=pauses)
    assert start < shorter.due_at < longer.due_at


@settings(max_examples=100, deadline=None)
@given(calendars(), starts, st.integers(1, 5))
def test_working_days_are_monotone_and_end_at_the_end_of_a_working_day(calendar, start, days):
    shorter = compute_deadline(start, Allowance(working_days=days), calendar).due_at
    longer = compute_deadline(start, Allowance(working_days=days + 1), calendar).due_at
    assert start < shorter < longer
    assert shorter == calendar.intervals(shorter.astimezone(ZONE).date())[-1][1]


@settings(max_examples=150, deadline=None)
@given(calendars(), starts, allowances, pause_lists(), pause_lists())
def test_pausing_never_shortens(calendar, start, allowance, pauses, more):
    without = compute_deadline(start, allowance, calendar, pauses=pauses)
    with_more = compute_deadline(start, allowance, calendar, pauses=[*pauses, *more])
    assert with_more.due_at >= without.due_at
    assert with_more.warn_at >= without.warn_at
    still = compute_deadline(start, allowance, calendar, pauses=[*pauses, (start, None)])
    assert still.due_at >= compute_deadline(start, allowance, calendar).due_at


@settings(max_examples=100, deadline=None)
@given(calendars(), starts, allowances, pause_lists(), st.randoms())
def test_the_order_of_pauses_does_not_matter(calendar, start, allowance, pauses, random):
    shuffled = random.sample(pauses, len(pauses))
    deadline = compute_deadline(start, allowance, calendar, pauses=pauses)
    assert deadline == compute_deadline(start, allowance, calendar, pauses=shuffled)


@settings(max_examples=150, deadline=None)
@given(calendars(), starts, allowances, pause_lists(), st.booleans(), st.integers(1, 100))
def test_the_trace_leads_to_the_same_instants(calendar, start, allowance, pauses, is_open, percent):
    start += timedelta(seconds=17, microseconds=3)
    if is_open:
        pauses = [*pauses, (start + timedelta(hours=3), None)]
    deadline = compute_deadline(start, allowance, calendar, pauses=pauses, warning_percent=percent)
    assert recompute(steps_of(deadline)) == (deadline.due_at, deadline.warn_at)


@settings(max_examples=100, deadline=None)
@given(calendars(), starts, allowances)
def test_the_short_way_leads_to_the_same_deadline(calendar, start, allowance):
    deadline = compute_deadline(start, allowance, calendar)
    assert due_after(start, allowance, calendar) == deadline.due_at
