"""Plans against frequent causes on the page of reports: list, new, settle, tell customers."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import date, timedelta

from sqlalchemy.orm import Session

from desk.accounts.models import Staff
from desk.accounts.service import has_role, list_staff
from desk.clock import to_local, utc_now
from desk.console.access import Visit
from desk.console.elements import action, box, words
from desk.console.ticket.dialogs import Field, Values, Work, fill_in
from desk.errors import InvalidInput
from desk.locale import t
from desk.reports import rectifications
from desk.reports.model import Line, Report
from desk.reports.models import Rectification
from desk.reports.rectifications import DONE, DROPPED, OPEN, PLANNERS, TEXT_LIMIT
from desk.reports.totals import ticket_rows
from desk.tickets.domain import CATEGORIES
from desk.tickets.filters import NO_CATEGORY
from desk.tickets.view import category_name

SHOWN = 50
DAYS_TO_DO_IT = 30
COLUMNS = ("cause", "plan", "owner", "due_on", "state")
LOOK_OF_STATE = {OPEN: "is-warn", DONE: "is-good", DROPPED: ""}


class Plans:
    """The section of one open page."""

    def __init__(self, visit: Visit, found: Report) -> None:
        self._visit = visit
        self._is_planner = has_role(visit.staff, *PLANNERS)
        with box("k-plans", tag="section"):
            with box("k-plans-head"):
                words(t("report.rectify.title"), "k-reports-sub", tag="h2")
                if self._is_planner:
                    action(
                        t("report.rectify.new"),
                        lambda: self._plan("", ""),
                        icon="add",
                        look="outline color=primary",
                        classes="k-small",
                    )
            self._place = box("k-grid-scroll")

    @property
    def offer(self) -> Callable[[Line], Awaitable[None]] | None:
        """What a cause's button does; None for those who plan nothing."""
        return self._offer if self._is_planner else None

    async def refresh(self) -> None:
        """Read the items again and draw them."""
        with self._visit.errors_shown():
            found = await self._visit.read(
                lambda session, staff: rectifications.items(session, staff, limit=SHOWN)
            )
            self._place.clear()
            with self._place:
                if found:
                    self._table(found)
                else:
                    words(t("report.rectify.empty"), "k-empty", tag="p")

    async def _offer(self, line: Line) -> None:
        category, _, cause = line.key.partition("/")
        await self._plan(category, cause)

    def _table(self, found: Sequence[Rectification]) -> None:
        with box("k-table k-plan-table", tag="table"):
            with box(tag="thead"), box(tag="tr"):
                for name in (*COLUMNS, ""):
                    words(t(f"report.rectify.{name}") if name else "", tag="th").props("scope=col")
            with box(tag="tbody"):
                for item in found:
                    self._row(item)

    def _row(self, item: Rectification) -> None:
        is_late = item.state == OPEN and item.due_on < to_local(utc_now()).date()
        with box(tag="tr").props(f"data-plan={item.id}"):
            with box(tag="td"):
                link = words(cause_text(item), "k-link", tag="a")
                link.props["href"] = ticket_rows(rectifications.concerned(item)).url
            with box(tag="td"):
                words(item.plan, "k-plan-text", tag="div")
                if item.outcome:
                    words(
                        t("report.rectify.came_of_it", text=item.outcome), "k-cell-sub", tag="div"
                    )
                if item.told_at:
                    told = t("report.rectify.told", count=item.told_count)
                    words(told, "k-cell-sub", tag="div")
            words(item.owner.display_name, "k-cell-time", tag="td")
            with box("k-cell-time", tag="td"):
                words(item.due_on.isoformat())
                if is_late:
                    words(t("report.rectify.late"), "k-chip is-block")
            with box("k-cell-time", tag="td"):
                words(
                    t(f"report.rectify.state_{item.state}"), f"k-chip {LOOK_OF_STATE[item.state]}"
                )
            with box("k-plan-actions", tag="td"):
                self._actions(item)

    def _actions(self, item: Rectification) -> None:
        offered = {
            "done": item.state == OPEN,
            "dropped": item.state == OPEN,
            "tell": item.state == DONE and self._is_planner,
            "reopen": item.state != OPEN and self._is_planner,
        }
        work = {
            "done": lambda: self._settle(item, DONE),
            "dropped": lambda: self._settle(item, DROPPED),
            "tell": lambda: self._tell(item),
            "reopen": lambda: self._reopen(item),
        }
        for name, is_offered in offered.items():
            if is_offered:
                action(t(f"report.rectify.do_{name}"), work[name], classes="k-small")

    async def _plan(self, category: str, cause: str) -> None:
        owners = await self._visit.read(lambda session, _: list_staff(session))
        today = to_local(utc_now()).date()
        fields = (
            Field("category", t("report.rectify.category"), "choice", category,
                  options={code: category_text(code) for code in (*CATEGORIES, NO_CATEGORY)}),
            Field("cause", t("report.rectify.only_cause"), "line", cause,
                  limit=rectifications.CAUSE_LIMIT),
            Field("plan", t("report.rectify.plan"), limit=TEXT_LIMIT),
            Field("owner", t("report.rectify.owner"), "choice",
                  options={str(one.id): one.display_name for one in owners}),
            Field("due_on", t("report.rectify.due_on_hint"), "line",
                  (today + timedelta(days=DAYS_TO_DO_IT)).isoformat(), limit=10),
        )  # fmt: skip

        async def work(values: Values) -> None:
            due_on = read_day(values["due_on"])

            def store(session: Session, staff: Staff) -> None:
                rectifications.plan(
                    session,
                    staff,
                    category=values["category"],
                    cause=values["cause"],
                    text=values["plan"],
                    owner_id=int(values["owner"]),
                    due_on=due_on,
                )

            await self._visit.write(store)

        await self._ask("new", fields, work)

    async def _settle(self, item: Rectification, state: str) -> None:
        fields = (Field("outcome", t(f"report.rectify.outcome_{state}"), limit=TEXT_LIMIT),)

        async def work(values: Values) -> None:
            await self._visit.write(
                lambda session, staff: rectifications.settle(
                    session, staff, item.id, state=state, outcome=values["outcome"]
                )
            )

        await self._ask(f"do_{state}", fields, work)

    async def _reopen(self, item: Rectification) -> None:
        with self._visit.errors_shown():
            await self._visit.write(
                lambda session, staff: rectifications.settle(session, staff, item.id, state=OPEN)
            )
        await self.refresh()

    async def _tell(self, item: Rectification) -> None:
        fields = (Field("text", t("report.rectify.tell_text"), limit=TEXT_LIMIT),)
        checker = self._visit.desk.checker

        async def work(values: Values) -> None:
            count = await self._visit.write(
                lambda session, staff: rectifications.tell_customers(
                    session, checker, staff, item.id, values["text"]
                )
            )
            self._visit.tell(t("report.rectify.told", count=count))

        await self._ask("do_tell", fields, work, hint=t("report.rectify.tell_hint"))

    async def _ask(self, name: str, fields: Sequence[Field], work: Work, hint: str = "") -> None:
        title = t(f"report.rectify.{name}")
        if await fill_in(
            self._visit, title=title, fields=fields, submit=title, work=work, hint=hint
        ):
            await self.refresh()


def category_text(code: str) -> str:
    """Return a category in Chinese, also `none`."""
    return category_name(None if code == NO_CATEGORY else code)


def cause_text(item: Rectification) -> str:
    """Return category and cause."""
    return t("report.cause_of", category=category_text(item.category), cause=item.cause)


def read_day(text: str) -> date:
    """Return the day written `2027-01-31`; raises `InvalidInput`."""
    try:
        return date.fromisoformat(text.strip().replace("/", "-"))
    except ValueError as error:
        raise InvalidInput("errors.report_date", field="due_on") from error
