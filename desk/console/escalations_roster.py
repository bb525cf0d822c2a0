"""Who is on duty and who is away, for leaders to keep."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Literal

from sqlalchemy.orm import Session

from desk.accounts.models import Staff
from desk.accounts.service import list_staff
from desk.clock import to_local, utc_now
from desk.console.access import Visit
from desk.console.confirming import ask_yes
from desk.console.elements import action, box, words
from desk.console.ticket.dialogs import Field, Values, fill_in, moment_field, read_moment
from desk.escalation import duties
from desk.escalation.models import Absence, Duty
from desk.locale import t

List = Literal["duty", "absence"]


@dataclass(frozen=True, slots=True)
class Rosters:
    """Both lists, and everybody who can be put into them."""

    duties: Sequence[Duty]
    absences: Sequence[Absence]
    staff: Sequence[Staff]


def _read(session: Session, staff: Staff) -> Rosters:
    return Rosters(
        duties.duties(session, staff), duties.absences(session, staff), list_staff(session)
    )


class RosterTab:
    """The duty roster beside the list of absences."""

    def __init__(self, visit: Visit, on_change: Callable[[], Awaitable[None]]) -> None:
        self._visit = visit
        self._on_change = on_change
        self.filters, self.filter = (), ""
        self._rosters = Rosters((), (), ())

    async def read(self) -> None:
        """Read both lists again."""
        self._rosters = await self._visit.read(_read)

    def state(self) -> object:
        """Return what the lists show, to the minute; equal states look alike."""
        rosters = self._rosters
        return (
            [row.id for row in rosters.duties],
            [row.id for row in rosters.absences],
            len(rosters.staff),
            f"{utc_now():%d %H:%M}",
        )

    def draw_filters(self) -> None:
        """Nothing to choose here."""

    def draw(self) -> None:
        """Add both lists."""
        with box("k-rosters"):
            with box(tag="section").props("data-list=duty"):
                self._head("duty", self._add_duty)
                self._list("duty", self._rosters.duties)
            with box(tag="section").props("data-list=absence"):
                self._head("absence", self._add_absence)
                self._list("absence", self._rosters.absences)

    def _head(self, name: List, add: Callable[[], object]) -> None:
        with box("k-roster-head"):
            words(t(f"escalation.{name}_title"), tag="h2")
            action(t(f"escalation.{name}_add"), add, look="outline color=primary", icon="add")
        words(t(f"escalation.{name}_hint"), "k-roster-hint", tag="p")

    def _list(self, name: List, rows: Sequence[Duty] | Sequence[Absence]) -> None:
        if not rows:
            words(t(f"escalation.{name}_none"), "k-empty", tag="div")
            return
        now = utc_now()
        with box("k-table", tag="table"), box(tag="tbody"):
            for row in rows:
                self._row(name, row, now)

    def _row(self, name: List, row: Duty | Absence, now: datetime) -> None:
        with box(tag="tr").props(f"data-{name}={row.id}"):
            with box(tag="td"):
                words(row.staff.display_name, "k-why")
                if row.begins_at <= now:
                    words(t(f"escalation.{name}_now"), "k-chip is-good k-now")
                if isinstance(row, Absence):
                    stands_in = (
                        t("escalation.stands_in", name=row.substitute.display_name)
                        if row.substitute
                        else t("escalation.nobody_stands_in")
                    )
                    words(stands_in, "k-cell-sub", tag="div")
            words(duties.span_text(row.begins_at, row.ends_at), "k-cell-time", tag="td")
            with box("k-cell-time", tag="td"):
                action(t("escalation.remove"), partial(self._remove, name, row), classes="k-small")

    async def _add_duty(self) -> None:
        leaders = [one for one in self._rosters.staff if one.role in duties.ON_DUTY]
        begins_at, ends_at = _next_day()
        fields = [
            Field("staff", t("escalation.who_on_duty"), "choice", options=_names(leaders)),
            moment_field("begins_at", t("escalation.begins_at"), begins_at),
            moment_field("ends_at", t("escalation.ends_at"), ends_at),
        ]
        await self._fill_in("duty", fields, self._save_duty)

    async def _add_absence(self) -> None:
        names = _names(self._rosters.staff)
        begins_at, ends_at = _next_day()
        fields = [
            Field("staff", t("escalation.who_away"), "choice", options=names),
            Field(
                "substitute", t("escalation.substitute"), "choice", options=names, is_required=False
            ),
            moment_field("begins_at", t("escalation.begins_at"), begins_at),
            moment_field("ends_at", t("escalation.ends_at"), ends_at),
        ]
        await self._fill_in("absence", fields, self._save_absence)

    async def _fill_in(
        self, name: List, fields: Sequence[Field], save: Callable[[Values], Awaitable[duties.Saved]]
    ) -> None:
        remarks: list[str] = []

        async def work(given: Values) -> None:
            remarks.extend((await save(given)).remarks)

        title = t(f"escalation.{name}_add")
        if await fill_in(
            self._visit, title=title, fields=fields, submit=t("escalation.save"), work=work
        ):
            self._visit.tell(t("escalation.saved"))
            for remark in remarks:
                self._visit.tell(remark, kind="warning")
            await self._on_change()

    async def _save_duty(self, given: Values) -> duties.Saved:
        begins_at, ends_at = read_moment(given["begins_at"]), read_moment(given["ends_at"])
        return await self._visit.write(
            lambda session, staff: duties.add_duty(
                session,
                staff,
                staff_id=int(given["staff"]),
                begins_at=begins_at,
                ends_at=ends_at,
            )
        )

    async def _save_absence(self, given: Values) -> duties.Saved:
        begins_at, ends_at = read_moment(given["begins_at"]), read_moment(given["ends_at"])
        substitute = given["substitute"]
        return await self._visit.write(
            lambda session, staff: duties.add_absence(
                session,
                staff,
                staff_id=int(given["staff"]),
                substitute_id=int(substitute) if substitute else None,
                begins_at=begins_at,
                ends_at=ends_at,
            )
        )

    async def _remove(self, name: List, row: Duty | Absence) -> None:
        question = t(
            f"escalation.{name}_remove_question",
            name=row.staff.display_name,
            when=duties.span_text(row.begins_at, row.ends_at),
        )
        if not await ask_yes(self._visit, title=t("escalation.remove"), question=question):
            return
        remove = duties.remove_duty if name == "duty" else duties.remove_absence
        with self._visit.errors_shown():
            await self._visit.write(lambda session, staff: remove(session, staff, row.id))
        await self._on_change()


def _names(staff: Sequence[Staff]) -> Mapping[str, str]:
    return {str(one.id): f"{one.display_name}（{t(f'console.role_{one.role}')}）" for one in staff}


def _next_day() -> tuple[datetime, datetime]:
    tomorrow = to_local(utc_now()) + timedelta(days=1)
    first = tomorrow.replace(hour=8, minute=30, second=0, microsecond=0)
    return first, first.replace(hour=18, minute=0)
