"""A report as a spreadsheet: key figures on the first sheet, a sheet for each table."""

import io
import re
from typing import Any

from openpyxl import Workbook
from openpyxl.cell.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill

from desk.locale import t
from desk.reports.model import Grid, Number, Report, Unit
from desk.reports.view import GROUPS, change, figure_name, grid_head, subtitle, title

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FORMATS = {Unit.COUNT: "#,##0", Unit.SHARE: "0.0%", Unit.HOURS: "0.0", Unit.SCORE: "0.00"}
WIDTH, LABEL_WIDTH = 15, 30
_ILLEGAL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def report_xlsx(report: Report, company: str) -> bytes:
    """Return the report as XLSX. Numbers stay numbers (times in hours), texts stay texts."""
    book = Workbook(write_only=True)
    _figures_sheet(book, report, company)
    for grid in report.grids.values():
        if grid.lines:
            _grid_sheet(book, grid)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _figures_sheet(book: Workbook, report: Report, company: str) -> None:
    sheet = _sheet(book, t("report.sheet.figures"), 5)
    sheet.append([_text(sheet, title(report), is_bold=True)])
    sheet.append([_text(sheet, subtitle(report, company))])
    sheet.append([])
    head = ("figure", "value", "unit", "before", "year_before", "change")
    sheet.append([_head(sheet, t(f"report.sheet.{name}")) for name in head])
    for key in (key for keys in GROUPS.values() for key in keys if key in report.figures):
        figure = report.figures[key]
        moved = change(figure)
        unit = figure.number.unit
        sheet.append(
            [
                _text(sheet, figure_name(key)),
                _number(sheet, figure.number),
                _text(sheet, t(f"report.unit.{unit}")),
                _number(sheet, Number(figure.before, unit)),
                _number(sheet, Number(figure.year_before, unit)),
                _text(sheet, moved.text if moved else ""),
            ]
        )


def _grid_sheet(book: Workbook, grid: Grid) -> None:
    sheet = _sheet(book, t(f"report.grid.{grid.key}"), len(grid.columns))
    units = [cell.unit for cell in grid.lines[0].cells]
    label, *names = grid_head(grid)
    heads = [
        t("report.sheet.in_hours", name=name) if unit == Unit.HOURS else name
        for name, unit in zip(names, units, strict=True)
    ]
    sheet.append([_head(sheet, text) for text in (label, *heads)])
    for line in grid.lines:
        sheet.append([_text(sheet, line.label), *(_number(sheet, cell) for cell in line.cells)])


def _sheet(book: Workbook, name: str, columns: int) -> Any:
    sheet = book.create_sheet(name)
    sheet.column_dimensions["A"].width = LABEL_WIDTH
    for index in range(columns):
        sheet.column_dimensions[chr(ord("B") + index)].width = WIDTH
    return sheet


def _text(sheet: Any, text: str, *, is_bold: bool = False) -> Any:
    cell = WriteOnlyCell(sheet, value=_ILLEGAL.sub("", text))
    cell.data_type = "s"
    if text.startswith(_FORMULA_STARTS):
        cell.quotePrefix = True
    if is_bold:
        cell.font = Font(bold=True, size=14)
    return cell


def _head(sheet: Any, text: str) -> Any:
    cell = _text(sheet, text)
    cell.font = Font(bold=True)
    cell.fill = PatternFill("solid", fgColor="F1F4F8")
    cell.alignment = Alignment(wrap_text=True, vertical="center")
    return cell


def _number(sheet: Any, number: Number) -> Any:
    cell = WriteOnlyCell(sheet, value=number.value)
    cell.number_format = FORMATS[number.unit]
    return cell
