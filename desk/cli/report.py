"""`kefu report`: the figures of a period in the terminal, or as PDF and spreadsheet."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich import box
from rich.console import Console
from rich.table import Table

from desk.accounts.models import Role, Staff
from desk.cli.output import errors_shown, fail, step
from desk.clock import to_local, utc_now
from desk.company import load_company
from desk.installation import open_database
from desk.locale import t
from desk.reports.model import Grid, Report
from desk.reports.periods import Period, PeriodKind, period_of
from desk.reports.printed import report_pdf
from desk.reports.rectifications import OPEN, items
from desk.reports.service import report
from desk.reports.spreadsheet import report_xlsx
from desk.reports.view import GROUPS, change, figure_name, grid_head, subtitle, title, value_text
from desk.settings import Settings

WIDTH_WITHOUT_TERMINAL = 120


def report_command(
    period: Annotated[
        PeriodKind, typer.Argument(help="day 日、week 周、month 月、quarter 季、year 年")
    ] = PeriodKind.DAY,
    day: Annotated[
        str | None, typer.Option("--date", help="时段里的任意一天，如 2027-01-31；默认今天")
    ] = None,
    pdf: Annotated[Path | None, typer.Option(help="另存为 PDF")] = None,
    xlsx: Annotated[Path | None, typer.Option(help="另存为 Excel")] = None,
) -> None:
    """服务报表：受理、时效、满意度、升级与会话，和上期比较。"""
    wanted = _period(period, day)
    settings = Settings()
    with errors_shown():
        company = load_company(settings.company_file).short_name
        reader = Staff(id=0, login="system", display_name="", role=Role.DIRECTOR)
        with open_database(settings) as database, database.reading() as session:
            found = report(session, reader, wanted)
            plans = items(session, reader, state=OPEN)
    _show(found, company)
    if pdf:
        _save(pdf, report_pdf(found, company, rectifications=plans))
    if xlsx:
        _save(xlsx, report_xlsx(found, company))


def register(app: typer.Typer) -> None:
    """Add this module's commands."""
    app.command("report")(report_command)


def _period(kind: PeriodKind, day: str | None) -> Period:
    try:
        date = datetime.strptime(day, "%Y-%m-%d").date() if day else to_local(utc_now()).date()
        return period_of(kind, date)
    except ValueError:
        fail(t("errors.report_date"))


def _show(found: Report, company: str) -> None:
    out = Console(highlight=False)
    if not out.is_terminal:
        out.width = WIDTH_WITHOUT_TERMINAL
    out.print(title(found), style="bold")
    out.print(subtitle(found, company))
    if found.is_empty:
        out.print(t("report.empty_title"))
    out.print(_figures(found))
    for grid in found.grids.values():
        if grid.lines:
            out.print(_grid(grid))


def _figures(found: Report) -> Table:
    table = Table(box=box.SIMPLE_HEAD, title=t("report.sheet.figures"), title_justify="left")
    for name in ("figure", "value", "change"):
        table.add_column(t(f"report.sheet.{name}"), justify="right" if name == "value" else "left")
    for keys in GROUPS.values():
        for key in keys:
            if key in found.figures:
                figure = found.figures[key]
                moved = change(figure)
                table.add_row(
                    figure_name(key), value_text(figure.number), moved.text if moved else ""
                )
        table.add_section()
    return table


def _grid(grid: Grid) -> Table:
    name = t(f"report.grid.{grid.key}")
    table = Table(box=box.SIMPLE_HEAD, title=name, title_justify="left")
    for index, head in enumerate(grid_head(grid)):
        table.add_column(head, justify="right" if index else "left")
    for line in grid.lines:
        table.add_row(line.label, *map(value_text, line.cells))
    return table


def _save(path: Path, content: bytes) -> None:
    with step(t("cli.saving", file=path)):
        try:
            path.write_bytes(content)
        except OSError as error:
            fail(t("cli.not_written", file=path, why=error.strerror or ""))
