"""Brings the company's own data in from CSV or XLSX: all of a file, or nothing of it."""

import csv
import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from typing import Any

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException
from sqlalchemy import select
from sqlalchemy.orm import Session

from desk.catalog.columns import TABLES, Column, Table
from desk.errors import InvalidInput
from desk.locale import t

MAX_FILE_BYTES = 20 * 1024 * 1024
MAX_ROWS = 200_000
MAX_PROBLEMS = 100

Row = list[str]


@dataclass(frozen=True, slots=True)
class ImportProblem:
    """What is wrong in a file: row (1 = headings) and column as a spreadsheet shows them."""

    row: int
    column: str
    value: str
    message: str

    def __str__(self) -> str:
        key = "import.problem" if self.value else "import.problem_empty"
        return t(key, row=self.row, column=self.column, value=self.value, message=self.message)


@dataclass(frozen=True, slots=True)
class ImportReport:
    """How many rows of a file were new, changed something or were there already."""

    kind: str
    added: int
    changed: int
    unchanged: int


def import_file(session: Session, path: Path, kind: str) -> ImportReport:
    """Import a file from disk; see `import_bytes`."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InvalidInput("errors.import_unreadable", file=path.name) from error
    return import_bytes(session, content, kind, filename=path.name)


def import_bytes(session: Session, content: bytes, kind: str, *, filename: str) -> ImportReport:
    """Add or update rows by their code; rows that the file does not name stay as they are.

    Args:
        kind: `homes`, `products`, `orders` or `faq`.
        content: CSV (UTF-8 or GB18030) or XLSX (first sheet); first row = headings in Chinese or
            English, in any order.
        filename: tells CSV from XLSX, and is named in errors.

    Raises:
        InvalidInput: unknown kind, unreadable file, or wrong cells; `details["problems"]` lists
            every `ImportProblem` (at most 100). Nothing is stored then.
    """
    if kind not in TABLES:
        raise InvalidInput("errors.import_kind", field="kind", known="、".join(TABLES))
    if len(content) > MAX_FILE_BYTES:
        raise InvalidInput("errors.import_too_large", limit_mb=MAX_FILE_BYTES // 2**20)
    rows = _rows(content, filename)
    values, problems = _read(rows, TABLES[kind])
    if problems:
        raise InvalidInput(
            "errors.import_problems",
            file=filename,
            count=len(problems),
            problems=[str(problem) for problem in problems[:MAX_PROBLEMS]],
        )
    return _store(session, kind, values)


def _rows(content: bytes, filename: str) -> Iterator[Row]:
    if filename.lower().endswith((".xlsx", ".xlsm")):
        return _xlsx_rows(content, filename)
    return _csv_rows(content, filename)


def _csv_rows(content: bytes, filename: str) -> Iterator[Row]:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return ([cell.strip() for cell in row] for row in csv.reader(io.StringIO(text)))
    raise InvalidInput("errors.import_unreadable", file=filename)


def _xlsx_rows(content: bytes, filename: str) -> Iterator[Row]:
    try:
        sheet = load_workbook(io.BytesIO(content), read_only=True, data_only=True).worksheets[0]
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, OSError) as error:
        raise InvalidInput("errors.import_unreadable", file=filename) from error
    return ([_cell_text(cell) for cell in row] for row in sheet.iter_rows(values_only=True))


def _cell_text(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, datetime | date):
        return f"{cell:%Y-%m-%d}"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()


def _read(rows: Iterator[Row], table: Table) -> tuple[list[dict[str, Any]], list[ImportProblem]]:
    try:
        headings = next(rows, [])
        columns, problems = _columns(headings, table)
        if problems:
            return [], problems
        values = []
        first_row: dict[str, int] = {}
        for number, row in enumerate(islice(rows, MAX_ROWS + 1), start=2):
            if number > MAX_ROWS + 1:
                problems.append(
                    ImportProblem(number, "", "", t("import.too_many_rows", limit=MAX_ROWS))
                )
            elif any(row):
                value = _read_row(number, row, columns, problems)
                _note_repeat(number, value, table, first_row, problems)
                values.append(value)
    except csv.Error as error:
        raise InvalidInput("errors.import_unreadable", file="CSV") from error
    if not values and not problems:
        problems.append(ImportProblem(2, "", "", t("import.no_data")))
    return values, problems


def _columns(headings: Row, table: Table) -> tuple[list[Column | None], list[ImportProblem]]:
    by_heading = {name: column for column in table.columns for name in (column.title, column.field)}
    columns = [by_heading.get(heading) for heading in headings]
    problems = [
        ImportProblem(
            1,
            heading,
            heading,
            t("import.unknown_column", known="、".join(c.title for c in table.columns)),
        )
        for heading, column in zip(headings, columns, strict=True)
        if heading and column is None
    ]
    present = [column for column in columns if column]
    problems += [
        ImportProblem(1, column.title, "", t("import.missing_column"))
        for column in table.columns
        if column.is_required and column not in present
    ]
    problems += [
        ImportProblem(1, column.title, column.title, t("import.repeated_column"))
        for column in set(present)
        if present.count(column) > 1
    ]
    return columns, problems


def _read_row(
    number: int, row: Row, columns: list[Column | None], problems: list[ImportProblem]
) -> dict[str, Any]:
    value: dict[str, Any] = {}
    if len(row) > len(columns) and any(row[len(columns) :]):
        problems.append(ImportProblem(number, "", row[len(columns)], t("import.too_many_cells")))
    for column, cell in zip(columns, [*row, *[""] * (len(columns) - len(row))], strict=False):
        if column is None:
            continue
        if not cell:
            if column.is_required:
                problems.append(ImportProblem(number, column.title, "", t("import.required")))
            elif not _has_default(column):
                value[column.field] = None
            continue
        try:
            value[column.field] = column.read(cell)
        except ValueError as error:
            problems.append(ImportProblem(number, column.title, cell[:40], str(error)))
    return value


def _has_default(column: Column) -> bool:
    """Columns that the model fills in by itself: an empty cell leaves them alone."""
    return column.field in {"status", "price_unit"}


def _note_repeat(
    number: int,
    value: dict[str, Any],
    table: Table,
    first_row: dict[str, int],
    problems: list[ImportProblem],
) -> None:
    code = value.get(table.key)
    if code is None:
        return
    title = next(column.title for column in table.columns if column.field == table.key)
    if code in first_row:
        problems.append(
            ImportProblem(number, title, code, t("import.repeated_row", row=first_row[code]))
        )
    else:
        first_row[code] = number


def _store(session: Session, kind: str, values: list[dict[str, Any]]) -> ImportReport:
    table = TABLES[kind]
    present = {getattr(row, table.key): row for row in session.scalars(select(table.model))}
    added = changed = 0
    for value in values:
        row = present.get(value[table.key])
        if row is None:
            session.add(table.model(**value))
            added += 1
        elif any(getattr(row, field) != new for field, new in value.items()):
            for field, new in value.items():
                setattr(row, field, new)
            changed += 1
    session.flush()
    return ImportReport(kind, added, changed, len(values) - added - changed)
