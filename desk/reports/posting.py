"""Reports sent by e-mail: the day's before its end, the others on the morning after theirs."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from desk.accounts.models import Role, Staff
from desk.clock import LOCAL_ZONE, to_local, utc_now
from desk.locale import t
from desk.outbox.service import File, enqueue_email
from desk.reports.models import SentReport
from desk.reports.periods import Period, PeriodKind, period_of
from desk.reports.printed import PDF, report_pdf
from desk.reports.rectifications import OPEN, items
from desk.reports.service import report
from desk.reports.spreadsheet import XLSX, report_xlsx
from desk.reports.view import GROUPS, change, figure_name, subtitle, title, value_text

if TYPE_CHECKING:
    from desk.app import Desk

LATE_LIMIT = {PeriodKind.DAY: timedelta(hours=15)}
LATE_LIMIT_OF_OTHERS = timedelta(days=3)
"""A desk that was off for longer does not send an old report afterwards."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A report ready to be sent."""

    period: Period
    subject: str
    body: str
    files: tuple[File, ...]


def due_periods(
    kinds: Iterable[str], now: datetime, *, daily_at: time, morning_at: time
) -> Iterator[Period]:
    """Yield the periods whose reports should have gone out by now, and not long ago.

    Times are local. A day's report is of that day itself.
    """
    today = to_local(now).date()
    for kind in map(PeriodKind, kinds):
        for period, at in _candidates(kind, today, daily_at, morning_at):
            limit = LATE_LIMIT.get(kind, LATE_LIMIT_OF_OTHERS)
            if at <= now < at + limit:
                yield period


def write_letter(session: Session, period: Period, company: str, now: datetime) -> Letter:
    """Make the report of everything, as its readers may see all."""
    reader = Staff(id=0, login="system", display_name="", role=Role.DIRECTOR)
    found = report(session, reader, period, now=now)
    pdf = report_pdf(found, company, rectifications=items(session, reader, state=OPEN))
    name = f"{period.kind}-{period.first.isoformat()}"
    lines = [subtitle(found, company), ""]
    for key in (key for keys in GROUPS.values() for key in keys):
        figure = found.figures[key]
        moved = change(figure)
        value = value_text(figure.number)
        text = t("report.mail.line", name=figure_name(key), value=value)
        lines.append(f"{text}　{moved.text}" if moved else text)
    lines += ["", t("report.mail.foot")]
    files = (
        File(f"kefu-{name}.pdf", PDF, pdf),
        File(f"kefu-{name}.xlsx", XLSX, report_xlsx(found, company)),
    )
    return Letter(period, title(found), "\n".join(lines), files)


def is_sent(session: Session, period: Period) -> bool:
    """Tell whether this report has gone out."""
    return session.get(SentReport, (period.kind, period.first)) is not None


def post(session: Session, letter: Letter, addresses: Sequence[str], now: datetime) -> bool:
    """Put the letter into the outbox for each address, once; tells whether this call did it.

    Of several processes that try, the row in `sent_report` lets one through.
    """
    dialect = session.get_bind().dialect.name
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    period = letter.period
    statement = insert(SentReport).values(
        period=period.kind.value, begins_on=period.first, sent_at=now
    )
    claimed = session.execute(
        statement.on_conflict_do_nothing().returning(SentReport.begins_on)
    ).all()
    if not claimed:
        return False
    for address in dict.fromkeys(addresses):
        digest = hashlib.sha256(address.encode()).hexdigest()[:16]
        enqueue_email(
            session,
            key=f"report:{period.kind}:{period.first.isoformat()}:{digest}",
            address=address,
            subject=letter.subject,
            body=letter.body,
            attachments=letter.files,
            now=now,
        )
    return True


async def send_due(desk: "Desk", now: datetime | None = None) -> None:
    """Send what is due; a job of every process."""
    now = now or utc_now()
    settings = desk.settings
    recipients = {kind: found for kind, found in settings.report_recipients.items() if found}
    periods = due_periods(
        recipients, now, daily_at=settings.report_daily_at, morning_at=settings.report_morning_at
    )
    for period in periods:
        if await desk.database.look(is_sent, period):
            continue
        # Made outside the transaction that sends: others must not wait for the figures.
        letter = await desk.database.look(write_letter, period, desk.company.short_name, now)
        await desk.database.run(post, letter, recipients[period.kind.value], now)


def _candidates(
    kind: PeriodKind, today: date, daily_at: time, morning_at: time
) -> Iterator[tuple[Period, datetime]]:
    if kind == PeriodKind.DAY:
        for day in (today, today - timedelta(days=1)):
            yield period_of(kind, day), datetime.combine(day, daily_at, LOCAL_ZONE)
        return
    period = period_of(kind, today).previous()
    after = period.last + timedelta(days=1)
    yield period, datetime.combine(after, morning_at, LOCAL_ZONE)
