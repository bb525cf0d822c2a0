"""The head of the page: which period, another one, and the files."""

from datetime import date

from nicegui import ui

from desk.clock import to_local, utc_now
from desk.console.elements import box, words
from desk.locale import t
from desk.reports.model import Report
from desk.reports.periods import Period, PeriodKind, period_of
from desk.reports.view import span_text
from desk.tickets.view import department_name


def show_heading(period: Period, found: Report | None) -> None:
    """Add the head; every choice is a link, so that it can be kept and passed on."""
    with box("k-reports-head"):
        with box("k-reports-title"):
            words(t(f"report.title_of.{period.kind}"), tag="h1")
            if found and found.department:
                words(department_name(found.department), "k-chip is-hint")
        with box("k-reports-steps", tag="nav"):
            _step(period.previous(), "‹", t("report.previous"))
            words(span_text(period), "k-reports-span")
            is_last = period.ends_at > utc_now()
            _step(None if is_last else period.next(), "›", t("report.next"))
        with box("k-reports-kinds", tag="nav").props(f'aria-label="{t("report.length")}"'):
            for kind in PeriodKind:
                # Today's, where the period on the page goes on till now.
                day = min(period.last, to_local(utc_now()).date())
                link = _link(t(f"report.kind.{kind}"), address(period_of(kind, day)), "k-segment")
                if kind == period.kind:
                    link.props("aria-current=page")
        _day(period)
        with box("k-reports-files"):
            for ending in ("xlsx", "pdf"):
                link = _link(
                    t(f"report.download_{ending}"),
                    f"/api/v1/reports/{period.kind}.{ending}?date={period.first.isoformat()}",
                    "k-file",
                )
                link.props("download")
    if found:
        made_at = f"{to_local(found.made_at):%Y-%m-%d %H:%M}"
        text = t("report.made_at", made_at=made_at)
        if found.is_running:
            text += t("report.running") + t("report.full_stop")
        words(text, "k-reports-made", tag="p")


def address(period: Period) -> str:
    """Return the page's address for a period."""
    return f"/desk/reports?period={period.kind}&date={period.first.isoformat()}"


def _step(period: Period | None, sign: str, label: str) -> None:
    if period is None:
        words(sign, "k-step is-off").props("aria-hidden=true")
        return
    link = _link(sign, address(period), "k-step")
    link.props(f'aria-label="{label}" title="{label}"')


def _day(period: Period) -> None:
    def jump(text: str | None) -> None:
        try:
            day = date.fromisoformat((text or "").strip().replace("/", "-"))
            wanted = period_of(period.kind, day)
        except ValueError:
            return
        if wanted != period:
            ui.navigate.to(address(wanted))

    field = ui.input(value=period.first.isoformat(), on_change=lambda event: jump(event.value))
    field.props(f'type=date outlined dense debounce=600 aria-label="{t("report.pick_day")}"')
    field.classes("k-reports-day")


def _link(text: str, url: str, look: str) -> ui.element:
    link = words(text, look, tag="a")
    link.props["href"] = url
    return link
