"""Flagged replies as a spreadsheet."""

import io
import re
from collections.abc import Collection, Iterable
from datetime import datetime

from openpyxl import Workbook
from openpyxl.cell.cell import Cell, WriteOnlyCell
from openpyxl.styles import Alignment, Font
from sqlalchemy.orm import Session

from desk.accounts.models import Staff
from desk.audit.actions import Action
from desk.audit.trail import record
from desk.clock import to_local
from desk.locale import t, texts
from desk.reviews.models import FlaggedReply

COLUMNS: dict[str, int] = {
    "created_at": 18,
    "agent": 12,
    "text": 60,
    "outcome": 10,
    "worst": 8,
    "categories": 20,
    "surfaces": 24,
    "clauses": 24,
    "override_reason": 30,
    "decision": 10,
    "decided_by": 12,
    "decided_at": 18,
    "decision_note": 30,
    "ruleset_version": 18,
    "conversation_id": 36,
}
"""Columns in order, with their widths in characters."""
CELL_LIMIT = 32_767
"""Characters; Excel refuses a file with a longer cell."""
_ILLEGAL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def note_export(session: Session, staff: Staff, count: int) -> None:
    """Tell the audit trail that somebody took so many flagged replies out of the desk."""
    record(session, staff.login, Action.EXPORTED, "flagged replies", count=count)


def export_xlsx(rows: Iterable[FlaggedReply], *, hidden: Collection[int] = ()) -> bytes:
    """Return an XLSX file, one line a flagged reply. Times are local; of the `hidden` ids nothing
    is told that was decided.

    Every cell is text: a reply that begins with `=` stays what the agent typed, also when the
    cell is edited (the cell's "quote prefix").
    """
    book = Workbook(write_only=True)
    sheet = book.create_sheet(t("review.sheet"))
    for index, width in enumerate(COLUMNS.values()):
        sheet.column_dimensions[chr(ord("A") + index)].width = width
    sheet.freeze_panes = "A2"
    head = [_cell(sheet, t(f"review.columns.{name}")) for name in COLUMNS]
    for cell in head:
        cell.font = Font(bold=True)
    sheet.append(head)
    for row in rows:
        sheet.append([_cell(sheet, value) for value in _values(row, row.id in hidden)])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _values(row: FlaggedReply, is_hidden: bool) -> list[str]:
    flags = row.flags
    values = {
        "created_at": _local(row.created_at),
        "agent": row.agent.display_name,
        "text": row.text,
        "outcome": t(f"review.outcome.{row.outcome}"),
        "worst": t(f"review.severity.{row.worst}"),
        "categories": "、".join(_category(name) for name in row.categories.strip("|").split("|")),
        "surfaces": "、".join(flag["surface"] for flag in flags),
        "clauses": "、".join(dict.fromkeys(flag["clause"] for flag in flags)),
        "override_reason": row.override_reason or "",
        "decision": t(f"review.decision.{row.decision}"),
        "decided_by": row.decided_by.display_name if row.decided_by else "",
        "decided_at": _local(row.decided_at),
        "decision_note": row.decision_note or "",
        "ruleset_version": row.ruleset_version,
        "conversation_id": row.conversation_id,
    }
    if is_hidden:
        values |= dict.fromkeys(("decided_by", "decided_at", "decision_note"), "")
        values["decision"] = t("quality.blind_chip")
    return [values[name] for name in COLUMNS]


def _cell(sheet: object, value: str) -> Cell:
    text = _ILLEGAL.sub("", value)[:CELL_LIMIT]
    cell: Cell = WriteOnlyCell(sheet, value=text)
    cell.data_type = "s"
    cell.alignment = Alignment(wrap_text=True, vertical="top")
    if text.startswith(_FORMULA_STARTS):
        cell.quotePrefix = True
    return cell


def _category(name: str) -> str:
    names = texts("review")["category"]
    return str(names.get(name, name))


def _local(instant: datetime | None) -> str:
    return f"{to_local(instant):%Y-%m-%d %H:%M}" if instant else ""
