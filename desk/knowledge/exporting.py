"""The catalogue as files of the shape that is imported, and empty files to fill in."""

from dataclasses import dataclass
from typing import Literal

from sqlalchemy.orm import Session

from desk.accounts.models import Staff
from desk.accounts.service import require
from desk.audit.actions import Action
from desk.audit.trail import record
from desk.catalog.columns import TABLES, Column, cells_of
from desk.catalog.files import csv_bytes, xlsx_bytes
from desk.errors import InvalidInput
from desk.knowledge.editing import REVEAL_ROLES, check_reason
from desk.knowledge.listing import EDIT_ROLES, Wanted, known_kind, matching
from desk.locale import t

Ending = Literal["csv", "xlsx"]
EXPORT_LIMIT = 50_000


@dataclass(frozen=True, slots=True)
class File:
    """A file for the browser to keep."""

    name: str
    content: bytes


def needs_reason(kind: str) -> bool:
    """Tell whether the rows hold customers' data."""
    return any(column.is_personal for column in TABLES[known_kind(kind)].columns)


def export(
    session: Session,
    staff: Staff,
    kind: str,
    wanted: Wanted,
    *,
    ending: Ending,
    reason: str = "",
) -> File:
    """Return the rows that are wanted as a file which can be imported again.

    Raises:
        Forbidden: no keeper of the catalogue.
        InvalidInput: customers' data without a reason, or too many rows.
    """
    require(staff, *EDIT_ROLES)
    note = None
    if needs_reason(kind):
        require(staff, *REVEAL_ROLES)
        note = check_reason(reason)
    table = TABLES[kind]
    query = matching(session, staff, kind, wanted).order_by(getattr(table.model, table.key))
    found = session.scalars(query.limit(EXPORT_LIMIT + 1)).all()
    if len(found) > EXPORT_LIMIT:
        raise InvalidInput("errors.export_too_many", limit=EXPORT_LIMIT)
    thing = f"catalogue {kind}"
    record(session, staff.login, Action.EXPORTED, thing, note=note, count=len(found))
    cells = [list(cells_of(kind, row).values()) for row in found]
    return _file(kind, [_heads(kind), *cells], ending, t(f"knowledge.kind_{kind}"))


def template(kind: str, ending: Ending) -> File:
    """Return a file with the headings only; a workbook's second sheet tells what goes where."""
    name = t("knowledge.template_name", kind=t(f"knowledge.kind_{known_kind(kind)}"))
    return _file(kind, [_heads(kind)], ending, name)


def _file(kind: str, rows: list[list[str]], ending: Ending, name: str) -> File:
    if ending == "csv":
        return File(f"{name}.csv", csv_bytes(rows))
    manual = [
        [t("knowledge.manual_column"), t("knowledge.manual_needed"), t("knowledge.manual_how")]
    ]
    manual += [
        [column.title, t("knowledge.manual_yes") if column.is_required else "", _how(column)]
        for column in TABLES[kind].columns
    ]
    sheets = [(t(f"knowledge.kind_{kind}"), rows), (t("knowledge.manual"), manual)]
    return File(f"{name}.xlsx", xlsx_bytes(sheets))


def _heads(kind: str) -> list[str]:
    return [column.title for column in TABLES[kind].columns]


def _how(column: Column) -> str:
    if column.field in ("code", "order_no", "product_code"):
        return t("import.bad_code")
    if column.field == "phone_last4":
        return t("import.not_last4")
    return t(f"knowledge.how_{column.kind}")
