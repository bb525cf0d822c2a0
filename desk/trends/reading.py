"""Reads the trends of a period: one grouped, indexed query each for the period and the one before.

Times are grouped by the hour or day on the company's clock in the database, so that a year of
200,000 tickets comes back as a few hundred rows.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Float, Integer, cast, func, literal, select
from sqlalchemy.orm import Session

from desk.accounts.models import Role, Staff
from desk.accounts.service import require
from desk.clock import LOCAL_ZONE, utc_now
from desk.conversations.models import Conversation, Message, QueueWait, Sender
from desk.feedback.models import Survey
from desk.reports.model import RowList, Rows
from desk.reports.periods import Bucket, Period, PeriodKind, Span
from desk.reports.row_filter import happened_in
from desk.reports.sql import local_day, local_hour, seconds_between
from desk.reports.tables import bucket_label
from desk.reviews.models import Decision, FlaggedReply, SuggestionUse
from desk.tickets.filters import TicketFilter
from desk.tickets.models import Ticket
from desk.trends.model import Measure, Point, RuleLine, Trend, Trends

MOST_JUDGED = 20_000
"""Judged replies read for the rules' precision, the newest first."""
MOST_RULES = 15
FEWEST_JUDGED = 3
"""A rule with fewer judged flags says nothing."""

Sums = Mapping[str, tuple[float, float]]
"""By hour or day: how much, over how many."""
RowsOf = Callable[[Span], Rows]


def trends(
    session: Session, staff: Staff, period: Period, *, now: datetime | None = None
) -> Trends:
    """Return the trends of a period.

    Raises:
        Forbidden: not a leader.
    """
    require(staff, Role.SUPERVISOR)
    now = now or utc_now()
    reader = _Reader(session, period, now)
    one: ColumnElement[int] = literal(1, Integer)
    answer = seconds_between(QueueWait.queued_at, QueueWait.first_reply_at)
    length = seconds_between(Ticket.created_at, Ticket.resolved_at)
    used = cast(SuggestionUse.outcome.in_(("used", "edited")), Integer)
    found = [
        reader.counts("tickets", Ticket.created_at, _tickets_opened),
        reader.counts("talks", Conversation.created_at, _talks),
        reader.counts("waits", QueueWait.queued_at, _handed_over),
        reader.means(
            "first_response",
            Measure.MINUTES,
            QueueWait.queued_at,
            answer,
            _handed_over,
            only=QueueWait.first_reply_at.is_not(None),
            unit=60,
        ),
        reader.means(
            "resolution",
            Measure.HOURS,
            Ticket.resolved_at,
            length,
            _tickets_resolved,
            unit=3600,
        ),
        reader.means(
            "satisfaction",
            Measure.SCORE,
            Survey.answered_at,
            Survey.score,
            _answers,
            only=Survey.score.is_not(None),
        ),
        reader.ratio("flags", FlaggedReply.created_at, one, _replies, _agent_messages),
        reader.means("suggestions", Measure.SHARE, SuggestionUse.created_at, used, _replies),
    ]
    return Trends(
        period,
        {trend.key: trend for trend in found},
        rule_precision(session, period.span),
        now,
    )


def rule_precision(session: Session, span: Span) -> tuple[RuleLine, ...]:
    """Return what QA said of each rule's flags in a span, the least precise first."""
    query = (
        select(FlaggedReply.flags, FlaggedReply.decision)
        .where(
            FlaggedReply.created_at >= span.begins_at,
            FlaggedReply.created_at < span.ends_at,
            FlaggedReply.decision != Decision.OPEN,
        )
        .order_by(FlaggedReply.id.desc())
        .limit(MOST_JUDGED)
    )
    right, wrong = Counter[str](), Counter[str]()
    for flags, decision in session.execute(query):
        judged = wrong if decision == Decision.FALSE_ALARM else right
        judged.update({str(flag.get("rule", "")) for flag in flags} - {""})
    lines = [RuleLine(rule, right[rule], wrong[rule]) for rule in right.keys() | wrong.keys()]
    enough = [one for one in lines if one.right + one.wrong >= FEWEST_JUDGED]
    return tuple(sorted(enough, key=lambda one: (one.precision, one.rule_id))[:MOST_RULES])


class _Reader:
    """Reads lines over the parts of one period and of the one before."""

    def __init__(self, session: Session, period: Period, now: datetime) -> None:
        self._session = session
        self._period = period
        self._before = period.previous()
        self._buckets = list(period.buckets())
        # A period that goes on is compared with as much of the one before.
        self._begun = sum(bucket.begins_at <= now for bucket in self._buckets)
        if now >= period.ends_at:
            self._begun = len(list(self._before.buckets()))

    def counts(self, key: str, at: Any, rows: RowsOf) -> Trend:
        """Return how many there were."""
        now, before = (
            self._split(self._sums(period, at, literal(1, Integer)), period)
            for period in (self._period, self._before)
        )
        return self._trend(
            key, Measure.COUNT, rows, _amounts(now), _amounts(before, until=self._begun)
        )

    def means(
        self,
        key: str,
        measure: Measure,
        at: Any,
        value: Any,
        rows: RowsOf,
        *,
        only: ColumnElement[bool] | None = None,
        unit: float = 1,
    ) -> Trend:
        """Return the mean of a value, divided by its unit."""
        now, before = (
            self._split(self._sums(period, at, value, only), period)
            for period in (self._period, self._before)
        )
        return self._trend(
            key,
            measure,
            rows,
            _quotients(now, unit),
            _quotients(before, unit, until=self._begun),
        )

    def ratio(
        self,
        key: str,
        at: Any,
        value: ColumnElement[int],
        rows: RowsOf,
        base: Callable[["_Reader", Period], Sums],
    ) -> Trend:
        """Return how many there were per hundred of something else."""
        sides = []
        for period in (self._period, self._before):
            above = self._split(self._sums(period, at, value), period)
            below = self._split(base(self, period), period)
            pairs = [(a[0], b[0]) for a, b in zip(above, below, strict=True)]
            until = None if period is self._period else self._begun
            sides.append(_quotients(pairs, 0.01, until=until))
        return self._trend(key, Measure.PER_HUNDRED, rows, *sides)

    def _sums(
        self, period: Period, at: Any, value: Any, only: ColumnElement[bool] | None = None
    ) -> Sums:
        moment = local_hour(at) if period.kind == PeriodKind.DAY else local_day(at)
        query = select(moment, func.sum(cast(value, Float)), func.count()).where(
            at >= period.begins_at, at < period.ends_at
        )
        if only is not None:
            query = query.where(only)
        rows = self._session.execute(query.group_by(moment))
        return {when: (float(amount or 0), count) for when, amount, count in rows}

    def _split(self, sums: Sums, period: Period) -> list[tuple[float, float]]:
        """Add up what lies in each part of the period."""
        form = "%Y-%m-%d %H" if period.kind == PeriodKind.DAY else "%Y-%m-%d"
        buckets = list(period.buckets())
        begins = [bucket.first for bucket in buckets]
        parts = [(0.0, 0.0) for _ in buckets]
        for when, (amount, count) in sums.items():
            place = bisect_right(begins, datetime.strptime(when, form).replace(tzinfo=LOCAL_ZONE))
            if place:
                before = parts[place - 1]
                parts[place - 1] = before[0] + amount, before[1] + count
        return parts

    def _trend(
        self,
        key: str,
        measure: Measure,
        rows: RowsOf,
        now: tuple[list[float | None], float | None],
        before: tuple[list[float | None], float | None],
    ) -> Trend:
        earlier: Sequence[float | None] = before[0]
        points = tuple(
            Point(
                label=bucket_label(self._period, bucket),
                value=now[0][place],
                before=earlier[place] if place < len(earlier) else None,
                rows=rows(_span(bucket)),
            )
            for place, bucket in enumerate(self._buckets)
        )
        return Trend(key, measure, points, now[1], before[1])


def _agent_messages(reader: _Reader, period: Period) -> Sums:
    only = Message.sender == Sender.AGENT
    return reader._sums(period, Message.created_at, literal(1, Integer), only)


def _amounts(
    parts: Sequence[tuple[float, float]], *, until: int | None = None
) -> tuple[list[float | None], float | None]:
    """Return the parts' amounts, and the sum of the first `until` (None: of all)."""
    return [amount for amount, _ in parts], sum(amount for amount, _ in parts[:until])


def _quotients(
    parts: Sequence[tuple[float, float]], unit: float, *, until: int | None = None
) -> tuple[list[float | None], float | None]:
    """Return the parts' means in a unit, and the mean over the first `until` (None: over all)."""
    amount, count = (sum(part[side] for part in parts[:until]) for side in (0, 1))
    total = amount / count / unit if count else None
    return [part[0] / part[1] / unit if part[1] else None for part in parts], total


def _span(bucket: Bucket) -> Span:
    return Span(bucket.begins_at, bucket.ends_at)


def _tickets_opened(span: Span) -> Rows:
    wanted = TicketFilter(opened_from=span.begins_at, opened_to=span.ends_at)
    return Rows(RowList.TICKETS, wanted.to_dict())


def _tickets_resolved(span: Span) -> Rows:
    wanted = TicketFilter(resolved_from=span.begins_at, resolved_to=span.ends_at)
    return Rows(RowList.TICKETS, wanted.to_dict())


def _talks(span: Span) -> Rows:
    return Rows(RowList.CONVERSATIONS, happened_in(span).to_dict())


def _handed_over(span: Span) -> Rows:
    return Rows(RowList.CONVERSATIONS, happened_in(span, is_handed_over=True).to_dict())


def _answers(span: Span) -> Rows:
    return Rows(RowList.ANSWERS, happened_in(span).to_dict())


def _replies(span: Span) -> Rows:
    return Rows(RowList.MESSAGES, happened_in(span, sender=Sender.AGENT.value).to_dict())
