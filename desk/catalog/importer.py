"""Brings the company's own data in from CSV or XLSX: all of a file, or nothing of it."""

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from desk.accounts.models import Staff
from desk.catalog.columns import TABLES, Column, Table, cell_of
from desk.catalog.files import Row, read_file
from desk.catalog.history import Changes, note_change
from desk.catalog.models import CatalogRow
from desk.clock import utc_now
from desk.errors import InvalidInput
from desk.locale import t

MAX_FILE_BYTES = 20 * 1024 * 1024
MAX_ROWS = 200_000
MAX_PROBLEMS = 100
KEYS_AT_ONCE = 500

Values = dict[str, Any]


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
class FileRow:
    """A row of a file: its values by field, and what is wrong with it."""

    number: int
    values: Values
    problems: tuple[ImportProblem, ...]


@dataclass(slots=True)
class FileContent:
    """What a file holds. `problems` are those of the file itself: its headings, no rows."""

    problems: list[ImportProblem] = field(default_factory=list)
    rows: list[FileRow] = field(default_factory=list)

    @property
    def all_problems(self) -> list[ImportProblem]:
        """Those of the file and of all its rows, in order."""
        return [*self.problems, *(problem for row in self.rows for problem in row.problems)]


@dataclass(frozen=True, slots=True)
class ImportReport:
    """How many rows of a file were new, changed something, were there already, or are retired."""

    kind: str
    added: int
    changed: int
    unchanged: int
    retired: int = 0


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
    found = read_content(content, kind, filename=filename)
    problems = found.all_problems
    if problems:
        raise InvalidInput(
            "errors.import_problems",
            file=filename,
            count=len(problems),
            problems=[str(problem) for problem in problems[:MAX_PROBLEMS]],
        )
    return store(session, kind, [row.values for row in found.rows], staff=None, origin="cli")


def read_content(content: bytes, kind: str, *, filename: str) -> FileContent:
    """Read and check a file; no database.

    Raises:
        InvalidInput: unknown kind, too large, or unreadable.
    """
    if kind not in TABLES:
        raise InvalidInput("errors.import_kind", field="kind", known="、".join(TABLES))
    if len(content) > MAX_FILE_BYTES:
        raise InvalidInput("errors.import_too_large", limit_mb=MAX_FILE_BYTES // 2**20)
    rows = read_file(content, filename)
    try:
        return _read(rows, TABLES[kind])
    except csv.Error as error:
        raise InvalidInput("errors.import_unreadable", file=filename) from error


def present_rows(session: Session, kind: str, keys: Sequence[str]) -> dict[str, CatalogRow]:
    """Return the rows of these keys that there are."""
    table = TABLES[kind]
    column = getattr(table.model, table.key)
    found: dict[str, CatalogRow] = {}
    for start in range(0, len(keys), KEYS_AT_ONCE):
        part = keys[start : start + KEYS_AT_ONCE]
        query: Select[Any] = select(table.model).where(column.in_(part))
        for row in session.scalars(query):
            found[getattr(row, table.key)] = row
    return found


def differences(row: CatalogRow, values: Mapping[str, Any]) -> Changes:
    """Return which fields the values change, with the cells before and after."""
    return {
        name: (cell_of(getattr(row, name)), cell_of(new))
        for name, new in values.items()
        if getattr(row, name) != new
    }


def store(
    session: Session,
    kind: str,
    values: Sequence[Values],
    *,
    staff: Staff | None,
    origin: str,
    now: datetime | None = None,
) -> ImportReport:
    """Add or update rows with checked values, and keep what was changed. Retired rows stay."""
    table, now = TABLES[kind], now or utc_now()
    present = present_rows(session, kind, [one[table.key] for one in values])
    added: list[CatalogRow] = []
    changed = retired = 0
    for one in values:
        row = present.get(one[table.key])
        if row is None:
            added.append(table.model(**one))
        elif row.retired_at is not None:
            retired += 1
        elif changes := differences(row, one):
            for name in changes:
                setattr(row, name, one[name])
            note_change(
                session, kind, row.id, "changed", changes, staff=staff, origin=origin, now=now
            )
            changed += 1
    session.add_all(added)
    session.flush()
    for row in added:
        note_change(session, kind, row.id, "created", {}, staff=staff, origin=origin, now=now)
    session.flush()
    unchanged = len(values) - len(added) - changed - retired
    return ImportReport(kind, len(added), changed, unchanged, retired)


def _read(rows: Iterator[Row], table: Table) -> FileContent:
    found = FileContent()
    columns, found.problems = _columns(next(rows, []), table)
    if found.problems:
        return found
    first_row: dict[str, int] = {}
    for number, row in enumerate(islice(rows, MAX_ROWS + 1), start=2):
        if number > MAX_ROWS + 1:
            message = t("import.too_many_rows", limit=MAX_ROWS)
            found.problems.append(ImportProblem(number, "", "", message))
        elif any(row):
            found.rows.append(_read_row(number, row, columns, table, first_row))
    if not found.rows:
        found.problems.append(ImportProblem(2, "", "", t("import.no_data")))
    return found


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
        for column in dict.fromkeys(present)
        if present.count(column) > 1
    ]
    return columns, problems


def _read_row(
    number: int,
    row: Row,
    columns: list[Column | None],
    table: Table,
    first_row: dict[str, int],
) -> FileRow:
    values: Values = {}
    problems: list[ImportProblem] = []
    if len(row) > len(columns) and any(row[len(columns) :]):
        problems.append(ImportProblem(number, "", row[len(columns)], t("import.too_many_cells")))
    for column, cell in zip(columns, [*row, *[""] * (len(columns) - len(row))], strict=False):
        if column is not None:
            _read_cell(number, column, cell, values, problems)
    if not problems and (wrong := table.check(values)):
        name, message = wrong
        problems.append(ImportProblem(number, table.column(name).title, "", message))
    key = values.get(table.key)
    if key is not None:
        first = first_row.setdefault(key, number)
        if first != number:
            title = table.column(table.key).title
            message = t("import.repeated_row", row=first)
            problems.append(ImportProblem(number, title, key, message))
    return FileRow(number, values, tuple(problems))


def _read_cell(
    number: int, column: Column, cell: str, values: Values, problems: list[ImportProblem]
) -> None:
    if not cell:
        if column.is_required:
            problems.append(ImportProblem(number, column.title, "", t("import.required")))
        elif not column.has_default:
            values[column.field] = column.empty
        return
    try:
        values[column.field] = column.read(cell)
    except ValueError as error:
        shown = "" if column.is_personal else cell[:40]
        problems.append(ImportProblem(number, column.title, shown, str(error)))
