"""Changes of the catalogue by hand: checked, kept with who and when, never over another's."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from desk.accounts.models import Staff
from desk.accounts.permissions import Right, roles_of
from desk.accounts.service import require
from desk.audit.actions import Action
from desk.audit.trail import record
from desk.catalog.columns import TABLES, Column, cells_of
from desk.catalog.history import changes_of, note_change, read_changes
from desk.catalog.importer import Values, differences, present_rows
from desk.catalog.models import CatalogChange, CatalogRow, Order, Product
from desk.clock import to_local, utc_now
from desk.conversations.domain import clean_text
from desk.errors import Conflict, InvalidInput
from desk.knowledge.listing import EDIT_ROLES, MASK, find, readable
from desk.locale import t

REVEAL_ROLES = roles_of(Right.REVEAL)
REASON_LIMIT = 200
BY_HAND = ("homes", "products", "orders")
"""Kinds that are stored at once; answers go through approval (`desk.knowledge.faq`)."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of a row's history, the customer's cells hidden. `who` is None for the command."""

    action: str
    origin: str
    who: str | None
    at: datetime
    changes: Mapping[str, tuple[str, str]]


def read_cells(kind: str, cells: Mapping[str, str], *, is_new: bool) -> Values:
    """Return the values of cells that somebody typed.

    Raises:
        InvalidInput: `details["cells"]` says by field what is wrong.
    """
    table, values, wrong = TABLES[kind], Values(), {}
    for column in table.columns:
        if column.field not in cells and not (is_new and column.is_required):
            continue
        cell = clean_text(cells.get(column.field) or "")
        if not cell:
            if column.is_required or (column.has_default and not is_new):
                wrong[column.field] = t("import.required")
            elif not column.has_default:
                values[column.field] = column.empty
            continue
        if column.is_personal and MASK in cell:
            wrong[column.field] = t("knowledge.masked_cell")
            continue
        try:
            values[column.field] = column.read(cell)
        except ValueError as error:
            wrong[column.field] = str(error)
    if wrong:
        _refuse(kind, wrong)
    return values


def create(
    session: Session,
    staff: Staff,
    kind: str,
    cells: Mapping[str, str],
    *,
    now: datetime | None = None,
) -> CatalogRow:
    """Store a new row.

    Raises:
        Forbidden: no keeper of the catalogue.
        InvalidInput: cells that are wrong; see `read_cells`.
        Conflict: the code is taken.
    """
    require(staff, *EDIT_ROLES)
    _by_hand(kind)
    table, values = TABLES[kind], read_cells(kind, cells, is_new=True)
    _check(kind, values)
    if present_rows(session, kind, [values[table.key]]):
        raise Conflict("errors.knowledge_code_taken", code=values[table.key])
    row = table.model(**values)
    session.add(row)
    flush(session)
    _note(session, staff, kind, row, "created", {}, now)
    return row


def update(
    session: Session,
    staff: Staff,
    kind: str,
    row_id: int,
    cells: Mapping[str, str],
    *,
    version: int,
    now: datetime | None = None,
) -> CatalogRow:
    """Change the given cells of a row that was read at `version`; the code never changes.

    Raises:
        Forbidden, NotFound: no keeper of the catalogue, or no such row.
        InvalidInput: cells that are wrong; see `read_cells`.
        Conflict: somebody changed it meanwhile; names who, when and what.
    """
    require(staff, *EDIT_ROLES)
    _by_hand(kind)
    row = find(session, staff, kind, row_id)
    check_version(session, kind, row, version)
    wanted = {name: cell for name, cell in cells.items() if name != TABLES[kind].key}
    values = read_cells(kind, wanted, is_new=False)
    before = {column.field: getattr(row, column.field) for column in TABLES[kind].columns}
    _check(kind, {**before, **values})
    changes = differences(row, values)
    if not changes:
        return row
    for name in changes:
        setattr(row, name, values[name])
    flush(session)
    _note(session, staff, kind, row, "changed", changes, now)
    return row


def retire(
    session: Session,
    staff: Staff,
    kind: str,
    row_id: int,
    *,
    version: int,
    is_retired: bool = True,
    now: datetime | None = None,
) -> CatalogRow:
    """Take a row out of use, or back into it; nothing is ever deleted, since talks and orders
    refer to it. An answer comes back by approval only.

    Raises:
        Forbidden, NotFound, Conflict: as `update`.
        InvalidInput: an answer that should come back.
    """
    require(staff, *EDIT_ROLES)
    if not is_retired:
        _by_hand(kind)
    row = find(session, staff, kind, row_id)
    check_version(session, kind, row, version)
    if (row.retired_at is not None) == is_retired:
        return row
    at = now or utc_now()
    row.retired_at = at if is_retired else None
    flush(session)
    _note(session, staff, kind, row, "retired" if is_retired else "restored", {}, at)
    return row


def used_by(session: Session, row: CatalogRow) -> int:
    """Return how many orders name a product."""
    if not isinstance(row, Product):
        return 0
    query = select(func.count(Order.id)).where(Order.product_code == row.code)
    return session.scalar(query) or 0


def reveal_order(session: Session, staff: Staff, row_id: int, reason: str) -> dict[str, str]:
    """Return an order's cells in the clear; who looked and why is recorded.

    Raises:
        Forbidden: not a role that works with customers.
        NotFound, InvalidInput: no such order, or no reason.
    """
    require(staff, *REVEAL_ROLES)
    row = find(session, staff, "orders", row_id)
    note = check_reason(reason)
    record(session, staff.login, Action.REVEALED, f"order {row.id}", note=note)
    return cells_of("orders", row)


def check_reason(reason: str) -> str:
    """Return a reason for seeing customers' data; raises `InvalidInput` without one."""
    text = clean_text(reason)
    if not 0 < len(text) <= REASON_LIMIT:
        raise InvalidInput("errors.reveal_reason", field="reason", limit=REASON_LIMIT)
    return text


def history(session: Session, staff: Staff, kind: str, row_id: int) -> Sequence[Entry]:
    """Return a row's changes, the newest first; raises as `find` does."""
    find(session, staff, kind, row_id)
    return [_entry(kind, one) for one in changes_of(session, kind, row_id)]


def check_version(session: Session, kind: str, row: CatalogRow, version: int) -> None:
    """Let a change pass that was made on what is stored now.

    Raises:
        Conflict: it was made on an older version; names who changed it, when and what.
    """
    if row.version == version:
        return
    newest = next(iter(changes_of(session, kind, row.id, limit=1)), None)
    if newest is None:
        raise Conflict("errors.knowledge_changed")
    titles = [_title(kind, name) for name in read_changes(newest)]
    raise Conflict(
        "errors.knowledge_changed_by",
        who=newest.staff.display_name if newest.staff else t("knowledge.by_command"),
        at=f"{to_local(newest.at):%H:%M}",
        what="、".join(titles) or t(f"knowledge.action_{newest.action}"),
    )


def flush(session: Session) -> None:
    """Write what was changed.

    Raises:
        Conflict: somebody was faster.
    """
    try:
        session.flush()
    except (StaleDataError, IntegrityError) as error:
        raise Conflict("errors.knowledge_changed") from error


def _entry(kind: str, change: CatalogChange) -> Entry:
    pairs = read_changes(change)
    before = readable(kind, {name: pair[0] for name, pair in pairs.items()})
    after = readable(kind, {name: pair[1] for name, pair in pairs.items()})
    return Entry(
        change.action,
        change.origin,
        change.staff.display_name if change.staff else None,
        change.at,
        {_title(kind, name): (before[name], after[name]) for name in pairs},
    )


def _title(kind: str, name: str) -> str:
    found: Column | None = next((c for c in TABLES[kind].columns if c.field == name), None)
    return found.title if found else name


def _by_hand(kind: str) -> None:
    if kind not in BY_HAND:
        raise InvalidInput("errors.knowledge_needs_approval", field="kind")


def _check(kind: str, values: Values) -> None:
    wrong = TABLES[kind].check(values)
    if wrong:
        _refuse(kind, {wrong[0]: wrong[1]})


def _refuse(kind: str, wrong: Mapping[str, str]) -> None:
    said = "；".join(f"「{_title(kind, name)}」{message}" for name, message in wrong.items())
    raise InvalidInput("errors.knowledge_invalid", said=said, cells=dict(wrong))


def _note(
    session: Session,
    staff: Staff,
    kind: str,
    row: CatalogRow,
    action: str,
    changes: Mapping[str, tuple[str, str]],
    now: datetime | None,
) -> None:
    at = now or utc_now()
    note_change(session, kind, row.id, action, changes, staff=staff, origin="form", now=at)
    thing = f"catalogue {kind} {row.id}"
    record(session, staff.login, Action.KNOWLEDGE_CHANGED, thing, at=at, done=action)
