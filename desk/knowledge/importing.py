"""Files in the console: what a file would change, and then, once somebody has seen it, doing it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy.orm import Session

from desk.accounts.models import Staff
from desk.accounts.service import require
from desk.audit.actions import Action
from desk.audit.trail import record
from desk.catalog.columns import TABLES, cell_of, cells_of
from desk.catalog.history import Changes
from desk.catalog.importer import FileContent, FileRow, differences, present_rows, store
from desk.catalog.models import CatalogRow
from desk.clock import utc_now
from desk.errors import Conflict, InvalidInput
from desk.knowledge import faq
from desk.knowledge.listing import EDIT_ROLES, readable
from desk.locale import t
from desk.rulebook.scripts import Checks

State = Literal["new", "changed", "same", "retired", "invalid"]
STATES: tuple[State, ...] = ("invalid", "new", "changed", "retired", "same")
MAX_SHOWN_CELL = 200


@dataclass(frozen=True, slots=True)
class PreviewRow:
    """What a row of the file would do.

    `changes` maps a column's heading to the cells before and after (those of customers hidden);
    `problems` say what is wrong, of an invalid row.
    """

    number: int
    code: str
    state: State
    changes: Changes
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Preview:
    """A file as it would be stored. `seen` are the versions of the rows that it was compared to."""

    kind: str
    filename: str
    content: FileContent
    rows: tuple[PreviewRow, ...]
    seen: Mapping[str, int]

    @property
    def counts(self) -> Counter[str]:
        """How many rows are in each state."""
        return Counter(row.state for row in self.rows)

    @property
    def is_ready(self) -> bool:
        """Whether it may be stored: nothing is wrong, and it changes something."""
        counts = self.counts
        return not counts["invalid"] and not self.content.problems and self.changing > 0

    @property
    def changing(self) -> int:
        """How many rows would be stored."""
        counts = self.counts
        return counts["new"] + counts["changed"]


@dataclass(frozen=True, slots=True)
class Imported:
    """What was done: rows stored, or for answers wordings that wait for approval."""

    added: int
    changed: int
    waits_for_approval: bool


def preview(
    session: Session, staff: Staff, kind: str, content: FileContent, *, filename: str
) -> Preview:
    """Compare a file that was read with what there is; nothing is written.

    Raises:
        Forbidden: no keeper of the catalogue.
    """
    require(staff, *EDIT_ROLES)
    present = present_rows(session, kind, _keys(kind, content))
    rows = tuple(_compare(kind, row, present) for row in content.rows)
    seen = {code: row.version for code, row in present.items()}
    return Preview(kind, filename, content, rows, seen)


def confirm(
    session: Session,
    staff: Staff,
    checker: Checks,
    seen: Preview,
    *,
    now: datetime | None = None,
) -> Imported:
    """Store what a preview showed, all of it or nothing. Answers wait for another's approval.

    Raises:
        Forbidden: no keeper of the catalogue.
        InvalidInput: rows with mistakes, or nothing to store.
        Conflict: rows were changed since the preview.
    """
    require(staff, *EDIT_ROLES)
    if not seen.is_ready:
        raise InvalidInput("errors.import_not_ready")
    kind, now = seen.kind, now or utc_now()
    present = present_rows(session, kind, _keys(kind, seen.content))
    if {code: row.version for code, row in present.items()} != seen.seen:
        raise Conflict("errors.import_outdated")
    counts = seen.counts
    thing = f"catalogue {kind}"
    record(session, staff.login, Action.IMPORTED, thing, at=now, rows=seen.changing)
    if kind == faq.KIND:
        _submit_answers(session, staff, checker, seen, present, now)
    else:
        values = [row.values for row in seen.content.rows]
        store(session, kind, values, staff=staff, origin="import", now=now)
    return Imported(counts["new"], counts["changed"], kind == faq.KIND)


def _submit_answers(
    session: Session,
    staff: Staff,
    checker: Checks,
    seen: Preview,
    present: Mapping[str, CatalogRow],
    now: datetime,
) -> None:
    why = t("knowledge.import_why", file=seen.filename[:80])
    for read, row in zip(seen.content.rows, seen.rows, strict=True):
        if row.state not in ("new", "changed"):
            continue
        old = present.get(row.code)
        cells = {**(cells_of(faq.KIND, old) if old else {}), **_cells(read)}
        base = old.version if old else None
        try:
            faq.write(session, staff, checker, cells, why=why, base_version=base, now=now)
        except (InvalidInput, Conflict) as error:
            said = t(error.key, **error.details)
            raise InvalidInput("errors.import_row", row=row.number, said=said) from error


def _compare(kind: str, row: FileRow, present: Mapping[str, CatalogRow]) -> PreviewRow:
    table = TABLES[kind]
    code = str(row.values.get(table.key) or "")
    if row.problems:
        problems = tuple(_problem(one.column, one.value, one.message) for one in row.problems)
        return PreviewRow(row.number, code, "invalid", {}, problems)
    old = present.get(code)
    if old is None:
        return PreviewRow(row.number, code, "new", {}, ())
    if old.retired_at is not None:
        return PreviewRow(row.number, code, "retired", {}, (t("import.retired"),))
    changes = differences(old, row.values)
    shown = _shown(kind, changes)
    return PreviewRow(row.number, code, "changed" if changes else "same", shown, ())


def _shown(kind: str, changes: Changes) -> dict[str, tuple[str, str]]:
    before = readable(kind, {name: pair[0] for name, pair in changes.items()})
    after = readable(kind, {name: pair[1] for name, pair in changes.items()})
    table = TABLES[kind]
    return {
        table.column(name).title: (before[name][:MAX_SHOWN_CELL], after[name][:MAX_SHOWN_CELL])
        for name in changes
    }


def _problem(column: str, value: str, message: str) -> str:
    shown = f"「{value}」" if value else ""
    return f"「{column}」{shown}{message}" if column else f"{shown}{message}"


def _keys(kind: str, content: FileContent) -> Sequence[str]:
    key = TABLES[kind].key
    return [row.values[key] for row in content.rows if row.values.get(key)]


def _cells(row: FileRow) -> dict[str, str]:
    return {name: cell_of(value) for name, value in row.values.items()}
