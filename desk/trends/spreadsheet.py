"""The trends as a spreadsheet: all lines on one sheet, the rules on another."""

import io
import re
from typing import Any

from openpyxl import Workbook
from openpyxl.cell.cell import WriteOnlyCell
from openpyxl.styles import Font

from desk.locale import t
from desk.reports.view import span_text
from desk.trends.model import Measure, Trends

FORMATS = {
    Measure.COUNT: "#,##0",
    Measure.MINUTES: "0.0",
    Measure.HOURS: "0.0",
    Measure.SCORE: "0.00",
    Measure.PER_HUNDRED: "0.0",
    Measure.SHARE: "0.0%",
}
WIDTH = 17
_FORMULA_STARTS = re.compile(r"[=+\-@\t\r]")


def trends_xlsx(found: Trends) -> bytes:
    """Return the trends as XLSX; numbers stay numbers."""
    book = Workbook(write_only=True)
    sheet = _sheet(book, t("trends.title"))
    sheet.append([_text(sheet, span_text(found.period), is_bold=True)])
    lines = list(found.trends.values())
    heads = [t("trends.part")]
    for trend in lines:
        name = t("trends.in_unit", name=t(f"trends.{trend.key}"), unit=unit_name(trend.measure))
        heads += [name, t("trends.before_of", name=t(f"trends.{trend.key}"))]
    sheet.append([_text(sheet, head, is_bold=True) for head in heads])
    for place, point in enumerate(lines[0].points):
        row = [_text(sheet, point.label)]
        for trend in lines:
            one = trend.points[place]
            row += [_number(sheet, value, trend.measure) for value in (one.value, one.before)]
        sheet.append(row)
    total = [_text(sheet, t("trends.whole"), is_bold=True)]
    for trend in lines:
        total += [
            _number(sheet, value, trend.measure) for value in (trend.total, trend.total_before)
        ]
    sheet.append(total)
    rules = _sheet(book, t("trends.rules"))
    names = ("rule", "right", "wrong", "precision")
    rules.append([_text(rules, t(f"trends.{name}"), is_bold=True) for name in names])
    for line in found.rules:
        rules.append(
            [
                _text(rules, line.rule_id),
                _number(rules, line.right, Measure.COUNT),
                _number(rules, line.wrong, Measure.COUNT),
                _number(rules, line.precision, Measure.SHARE),
            ]
        )
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def unit_name(measure: Measure) -> str:
    """Return a measure's unit, for people."""
    return t(f"trends.unit_{measure}")


def _sheet(book: Workbook, name: str) -> Any:
    sheet = book.create_sheet(name)
    for index in range(18):
        sheet.column_dimensions[chr(ord("A") + index)].width = WIDTH
    return sheet


def _text(sheet: Any, text: str, *, is_bold: bool = False) -> Any:
    cell = WriteOnlyCell(sheet, value=text)
    cell.data_type = "s"
    if _FORMULA_STARTS.match(text):
        cell.quotePrefix = True
    cell.font = Font(bold=is_bold)
    return cell


def _number(sheet: Any, value: float | None, measure: Measure) -> Any:
    cell = WriteOnlyCell(sheet, value=value)
    cell.number_format = FORMATS[measure]
    return cell
