"""Rows of texts in CSV and XLSX files: read as Chinese offices save them, written safe to open."""

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.cell.cell import Cell, WriteOnlyCell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException

from desk.errors import InvalidInput

MAX_UNPACKED_BYTES = 200 * 1024 * 1024
"""Bytes of all parts of a workbook; zipfile reads no more of a part than it declares."""
CELL_LIMIT = 32_767
"""Characters; Excel refuses a file with a longer cell."""
_ILLEGAL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")

Row = list[str]


def read_file(content: bytes, filename: str) -> Iterator[Row]:
    """Return the rows of a CSV (UTF-8, with or without BOM, or GB18030) or XLSX (first sheet).

    Raises:
        InvalidInput: unreadable, or a workbook that unpacks to far too much.
    """
    if filename.lower().endswith((".xlsx", ".xlsm")):
        return _xlsx_rows(content, filename)
    return _csv_rows(content, filename)


def csv_bytes(rows: Iterable[Sequence[str]]) -> bytes:
    """Return a CSV that Excel opens as Chinese: UTF-8 with BOM. Texts that Excel would calculate
    begin with an apostrophe, which `read_file` takes off again."""
    out = io.StringIO()
    csv.writer(out).writerows([[_harmless(cell) for cell in row] for row in rows])
    return out.getvalue().encode("utf-8-sig", errors="replace")


def xlsx_bytes(sheets: Iterable[tuple[str, Iterable[Sequence[str]]]]) -> bytes:
    """Return a workbook of sheets (name, rows). Every cell is text and stays text when edited."""
    book = Workbook(write_only=True)
    for name, rows in sheets:
        sheet = book.create_sheet(name)
        sheet.freeze_panes = "A2"
        for number, row in enumerate(rows):
            cells = [_cell(sheet, text, is_head=number == 0) for text in row]
            if number == 0:
                for index in range(len(row)):
                    sheet.column_dimensions[get_column_letter(index + 1)].width = 18
            sheet.append(cells)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _csv_rows(content: bytes, filename: str) -> Iterator[Row]:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return ([_plain(cell.strip()) for cell in row] for row in csv.reader(io.StringIO(text)))
    raise InvalidInput("errors.import_unreadable", file=filename)


def _xlsx_rows(content: bytes, filename: str) -> Iterator[Row]:
    _check_unpacked(content, filename)
    try:
        sheet = load_workbook(io.BytesIO(content), read_only=True, data_only=True).worksheets[0]
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, OSError) as error:
        raise InvalidInput("errors.import_unreadable", file=filename) from error
    return ([_cell_text(cell) for cell in row] for row in sheet.iter_rows(values_only=True))


def _check_unpacked(content: bytes, filename: str) -> None:
    """Refuse a workbook that unpacks to far more than it is: its texts are read into memory."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            size = sum(entry.file_size for entry in archive.infolist())
    except (zipfile.BadZipFile, ValueError, OSError) as error:
        raise InvalidInput("errors.import_unreadable", file=filename) from error
    if size > MAX_UNPACKED_BYTES:
        limit_mb = MAX_UNPACKED_BYTES // 2**20
        raise InvalidInput("errors.import_too_large", limit_mb=limit_mb)


def _cell_text(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, datetime | date):
        return f"{cell:%Y-%m-%d}"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()


def _harmless(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text


def _plain(cell: str) -> str:
    return cell[1:] if cell[:1] == "'" and cell[1:].startswith(_FORMULA_STARTS) else cell


def _cell(sheet: Any, value: str, *, is_head: bool) -> Cell:
    text = _ILLEGAL.sub("", value)[:CELL_LIMIT]
    cell: Cell = WriteOnlyCell(sheet, value=text)
    cell.data_type = "s"
    cell.alignment = Alignment(wrap_text=not is_head, vertical="top")
    # Text, or Excel takes a code such as 0007 for a number once somebody edits it.
    cell.number_format = "@"
    if text.startswith(_FORMULA_STARTS):
        cell.quotePrefix = True
    if is_head:
        cell.font = Font(bold=True)
    return cell
