"""What goes on by itself in a running desk."""

import asyncio
from datetime import date, timedelta

from sqlalchemy import select

from desk.clock import utc_now
from desk.deadlines.models import CalendarDay
from desk.deadlines.running import CalendarWatch
from desk.deadlines.service import current_profile, use_days, watch_profile
from desk.escalation.models import Escalation
from desk.escalation.running import sweep_due
from desk.jobs import JOBS
from desk.tickets.domain import NewTicket
from desk.tickets.service import open_ticket


async def test_the_desk_sweeps_by_itself(running):
    agent = running.make.staff("agent")
    new = NewTicket(
        kind="complaint", description="灯不亮", category="fees", severity="general",
        recipient_id=agent.id,
    )  # fmt: skip
    morning = (utc_now() - timedelta(days=30)).replace(hour=1, minute=0)
    with running.make.database.transaction() as session:
        open_ticket(session, new, now=morning)
    await sweep_due(running.desk)
    await sweep_due(running.desk)
    with running.make.database.reading() as session:
        causes = session.scalars(select(Escalation.cause)).all()
    assert len(causes) == len(set(causes)) == 4
    assert {"escalation.sweep", "calendar.read"} <= {job.name for job in JOBS}


async def test_imported_days_are_taken_up_while_it_runs(running):
    watch_profile(running.desk.settings.company_file)
    day = date(2031, 1, 1)
    assert current_profile().calendar.kind(day).name == "wed"
    with running.make.database.transaction() as session:
        session.add(CalendarDay(day=day, kind="holiday", name="元旦", imported_at=utc_now()))
    watch = CalendarWatch()
    try:
        await watch(running.desk)
        assert current_profile().calendar.kind(day).name == "holiday"
        await asyncio.to_thread(use_days, {})
    finally:
        use_days({})
