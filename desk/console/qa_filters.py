"""The QA page's filters: what can be chosen, and the query they stand for."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta

from nicegui import ui

from desk.accounts.models import Staff
from desk.clock import LOCAL_ZONE
from desk.console.elements import action, box
from desk.locale import t
from desk.reviews.models import Decision
from desk.reviews.service import Filter
from scripts_library.checking.verdict import CATEGORIES

ANY = ""
DAY_PAUSE_MS = 600
"""A date is read when nothing was typed for this long, not at each digit."""
SEVERITIES = ("block", "warn")


def day_start(text: str | None) -> datetime | None:
    """Return the first instant of a day written `2027-01-31`, on the company's clock.

    Raises:
        ValueError: it is no date.
    """
    if not text or not text.strip():
        return None
    day = date.fromisoformat(text.strip().replace("/", "-"))
    return datetime(day.year, day.month, day.day, tzinfo=LOCAL_ZONE)


class Filters:
    """The row of filters; `on_change` gets each new `Filter`."""

    def __init__(
        self,
        agents: Sequence[Staff],
        *,
        on_change: Callable[[Filter], object],
    ) -> None:
        self._on_change = on_change
        self._is_quiet = False
        with box("k-qa-filters"):
            self._decision = self._select(
                "decision", {one.value: t(f"review.decision.{one.value}") for one in Decision}
            )
            names = {name: t(f"review.category.{name}") for name in CATEGORIES if name != "vague"}
            self._category = self._select("category", names)
            self._severity = self._select(
                "severity", {one: t(f"review.severity.{one}") for one in SEVERITIES}
            )
            people = {str(agent.id): agent.display_name for agent in agents}
            self._agent = self._select("agent", people)
            self._since = self._day("since")
            self._until = self._day("until")
            action("", self.reset, icon="filter_alt_off").tooltip(t("qa.reset")).props(
                f'aria-label="{t("qa.reset")}"'
            )

    def reset(self) -> None:
        """Clear all filters."""
        self._is_quiet = True
        for element in (self._decision, self._category, self._severity, self._agent):
            element.value = ANY
        self._since.value = self._until.value = ""
        self._is_quiet = False
        self._changed()

    def _select(self, name: str, options: dict[str, str]) -> ui.select:
        choices = {ANY: t("qa.any"), **options}
        select = ui.select(
            choices, label=t(f"qa.filter_{name}"), value=ANY, on_change=lambda _: self._changed()
        )
        return select.props("outlined dense options-dense")

    def _day(self, name: str) -> ui.date_input:
        day = ui.date_input(t(f"qa.filter_{name}"), on_change=lambda _: self._changed())
        return day.props(f"outlined dense clearable debounce={DAY_PAUSE_MS}").classes("k-date")

    def _changed(self) -> None:
        if self._is_quiet:
            return
        try:
            since, until = day_start(self._since.value), day_start(self._until.value)
        except ValueError:
            ui.notify(t("qa.date_invalid"), type="warning", position="bottom-left")
            return
        agent = self._agent.value
        self._on_change(
            Filter(
                decision=self._decision.value or None,
                category=self._category.value or None,
                severity=self._severity.value or None,
                agent_id=int(agent) if agent else None,
                since=since,
                until=until + timedelta(days=1) if until else None,
            )
        )
