"""Work that goes on by itself in every desk process: each job claims its rows in the database,
so any number of processes may run the same jobs."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import structlog

from desk.deadlines.running import CalendarWatch
from desk.escalation import running as escalation
from desk.feedback import running as feedback
from desk.logs import describe
from desk.outbox import running as outbox
from desk.privacy import running as privacy
from desk.reports import posting
from desk.reviews import quality_job, screening_job
from desk.routing import connections
from desk.routing import running as routing
from desk.routing.presence import BEAT_S
from desk.rulebook import running as rulebook
from desk.telemetry.metrics import JOB_RUNS, timed

if TYPE_CHECKING:
    from desk.app import Desk

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Job:
    """Something to do again and again.

    Attributes:
        name: for the log.
        every_s: seconds between the end of one run and the start of the next.
        work: one run; what it raises is logged by type, and the next run comes as usual.
        first_after_s: seconds until the first run; a start has enough to do already.
    """

    name: str
    every_s: float
    work: Callable[["Desk"], Awaitable[None]]
    first_after_s: float = 0.0


LATER_S = 60.0

JOBS: tuple[Job, ...] = (
    Job("outbox.pass_on", 1.0, outbox.pass_entries_on),
    Job("outbox.tell_owners", 5.0, outbox.tell_owners_of_accounts),
    Job("outbox.send", 2.0, outbox.send_messages),
    Job("calendar.read", 60.0, CalendarWatch()),
    Job("routing.give_out", routing.EVERY_S, routing.give_out),
    Job("routing.put_back", routing.PUT_BACK_EVERY_S, routing.put_back_left),
    Job("presence.beat", BEAT_S, connections.beat),
    Job("escalation.sweep", 5.0, escalation.sweep_due),
    Job("feedback.expire", 600.0, feedback.expire),
    Job("idempotency.expire", 3600.0, outbox.forget_old_calls, LATER_S),
    Job("suspects.screen", 300.0, screening_job.screen, LATER_S),
    Job("quality.draw", 900.0, quality_job.draw_samples, LATER_S),
    Job("quality.gaps", 900.0, quality_job.find_gaps, LATER_S),
    Job("rulebook.refresh", 60.0, rulebook.refresh),
    Job("reports.send", 60.0, posting.send_due),
    Job("privacy.retention", 3600.0, privacy.apply_retention, LATER_S),
)


@dataclass
class JobRunner:
    """Runs all jobs of one desk process until it is stopped."""

    desk: "Desk"
    jobs: tuple[Job, ...] = JOBS
    _tasks: list[asyncio.Task[None]] = field(default_factory=list)

    def start(self) -> None:
        """Begin to run the jobs."""
        self._tasks = [asyncio.create_task(self._repeat(job)) for job in self.jobs]

    async def stop(self) -> None:
        """Let no further run begin; a transaction cut short is rolled back and done again."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _repeat(self, job: Job) -> None:
        await asyncio.sleep(job.first_after_s)
        while True:
            try:
                with timed(JOB_RUNS, job.name):
                    await job.work(self.desk)
            except Exception as error:
                log.error("job.failed", job=job.name, **describe(error))
            await asyncio.sleep(job.every_s)
