"""What of a ticket can be shared, and the file that is made of it."""

import io
import json
import re
from collections.abc import Sequence
from typing import Any

from openpyxl import Workbook
from openpyxl.cell.cell import WriteOnlyCell
from openpyxl.styles import Font

from desk.clock import to_local
from desk.locale import t
from desk.tickets.models import Ticket
from desk.tickets.view import (
    category_name,
    department_name,
    kind_name,
    severity_name,
    state_name,
)

PERSONAL = ("customer_name", "phone", "email", "room")
FIELDS = (
    "number",
    "kind",
    "state",
    "category",
    "severity",
    "department",
    "created_at",
    "closed_at",
    "estate",
    "building",
    "unit",
    "spot",
    "description",
    "wish",
    "occurred",
    *PERSONAL,
)
"""In the order of the columns; the last ones say who the customer is."""
_NAMES = {
    "kind": kind_name,
    "state": state_name,
    "category": category_name,
    "severity": severity_name,
    "department": department_name,
}
_ILLEGAL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
WIDTH = 18


def row_of(ticket: Ticket, fields: Sequence[str]) -> dict[str, str]:
    """Return the chosen fields of a ticket as people read them; empty where there is nothing."""
    return {name: _shown(name, getattr(ticket, name)) for name in fields}


def as_json(rows: Sequence[dict[str, str]], head: dict[str, Any]) -> bytes:
    """Return rows and what the file is about as JSON."""
    return json.dumps({**head, "tickets": rows}, ensure_ascii=False, indent=1).encode()


def as_xlsx(rows: Sequence[dict[str, str]], fields: Sequence[str]) -> bytes:
    """Return rows as a spreadsheet; every cell is text, so that nothing is a formula."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(t("sharing.sheet"))
    for place in range(len(fields)):
        sheet.column_dimensions[chr(ord("A") + place)].width = WIDTH
    sheet.append([_cell(sheet, t(f"sharing.field_{name}"), is_bold=True) for name in fields])
    for row in rows:
        sheet.append([_cell(sheet, row[name]) for name in fields])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _shown(name: str, value: Any) -> str:
    if value is None:
        return ""
    if name in _NAMES:
        return _NAMES[name](value)
    if name.endswith("_at"):
        return f"{to_local(value):%Y-%m-%d %H:%M}"
    return str(value)


def _cell(sheet: Any, value: str, *, is_bold: bool = False) -> Any:
    cell = WriteOnlyCell(sheet, value=_ILLEGAL.sub("", value))
    cell.data_type = "s"
    if is_bold:
        cell.font = Font(bold=True)
    return cell
