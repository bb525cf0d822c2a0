"""A report as a PDF to print or to send."""

from collections.abc import Sequence

from desk.locale import t
from desk.pdf import Block, Facts, Heading, Paragraph, Picture, Table, render_pdf
from desk.reports import drawings
from desk.reports.model import Grid, Report
from desk.reports.models import Rectification
from desk.reports.view import (
    GROUPS,
    change,
    column_name,
    figure_name,
    grid_head,
    subtitle,
    title,
    value_text,
)
from desk.tickets.view import category_name

PDF = "application/pdf"
BARS = {"category": "opened", "inquiry": "messages", "satisfaction": "answers"}
LABEL_WIDTH = 2.2


def report_pdf(
    report: Report, company: str, *, rectifications: Sequence[Rectification] = ()
) -> bytes:
    """Return the report as an A4 document with charts."""
    blocks: list[Block] = []
    if report.is_empty:
        blocks.append(Paragraph(t("report.empty_title")))
    blocks += _figures(report)
    for grid in report.grids.values():
        if grid.lines:
            blocks += _grid(grid)
    if rectifications:
        blocks += _rectifications(rectifications)
    blocks.append(Paragraph(t("report.how_counted"), is_muted=True))
    return render_pdf(
        title(report), blocks, subtitle=subtitle(report, company), made_at=report.made_at
    )


def _figures(report: Report) -> list[Block]:
    blocks: list[Block] = [Heading(t("report.sheet.figures"))]
    for group, keys in GROUPS.items():
        rows = []
        for key in keys:
            if key in report.figures:
                figure = report.figures[key]
                changes = (change(figure), change(figure, from_year=True))
                texts = [value_text(figure.number), *(one.text for one in changes if one)]
                rows.append((figure_name(key), "　".join(texts)))
        if rows:
            blocks += [Heading(t(f"report.group.{group}"), 2), Facts(rows)]
    return blocks


def _grid(grid: Grid) -> list[Block]:
    name = t(f"report.grid.{grid.key}")
    blocks: list[Block] = [Heading(name)]
    if grid.key == "volume":
        series = [
            (column_name(column), [cell.value or 0 for cell in grid.column(column)])
            for column in grid.columns
        ]
        drawing = drawings.columns([line.label for line in grid.lines], series)
        return [*blocks, Picture(drawing, alt=name), _table(grid)]
    if grid.key in BARS:
        cells = grid.column(BARS[grid.key])
        rows = [
            (line.label, cell.value or 0, value_text(cell))
            for line, cell in zip(grid.lines, cells, strict=True)
        ]
        blocks.append(Picture(drawings.bars(rows), alt=name))
    return [*blocks, _table(grid)]


def _table(grid: Grid) -> Table:
    head = grid_head(grid)
    return Table(
        head,
        [[line.label, *map(value_text, line.cells)] for line in grid.lines],
        widths=[LABEL_WIDTH, *[1.0] * len(grid.columns)],
        right=range(1, len(head)),
    )


def _rectifications(items: Sequence[Rectification]) -> list[Block]:
    head = [t(f"report.rectify.{name}") for name in ("cause", "plan", "owner", "due_on", "state")]
    rows = [
        [
            t("report.cause_of", category=category_name(_category(one)), cause=one.cause),
            one.plan,
            one.owner.display_name,
            one.due_on.isoformat(),
            t(f"report.rectify.state_{one.state}"),
        ]
        for one in items
    ]
    table = Table(head, rows, widths=[2, 3, 1, 1.2, 1])
    return [Heading(t("report.rectify.title")), table]


def _category(one: Rectification) -> str | None:
    return None if one.category == "none" else one.category
