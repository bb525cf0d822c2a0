"""Finds rows of the catalogue for people: by Chinese, pinyin or first letters, page by page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from desk.accounts.models import Staff
from desk.accounts.permissions import Right, roles_of
from desk.accounts.service import has_role, require
from desk.catalog.columns import TABLES, cells_of
from desk.catalog.intents import intent_names
from desk.catalog.models import CatalogRow, Faq
from desk.catalog.search_text import search_words
from desk.clock import to_local, utc_now
from desk.errors import InvalidInput, NotFound

READ_ROLES = roles_of(Right.READ_KNOWLEDGE)
EDIT_ROLES = roles_of(Right.EDIT_KNOWLEDGE)
MASK = "****"

RowState = Literal["active", "expired", "retired", "all"]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rows: `text` in Chinese or pinyin, several words must all be found."""

    text: str = ""
    state: RowState = "active"


@dataclass(frozen=True, slots=True)
class Page:
    """Rows by their code, and how many there are on all pages."""

    rows: Sequence[CatalogRow]
    total: int


def may_edit(staff: Staff) -> bool:
    """Tell whether this person may change what the company knows."""
    return has_role(staff, *EDIT_ROLES)


def known_kind(kind: str) -> str:
    """Return the kind; raises `NotFound` for one there is not."""
    if kind not in TABLES:
        raise NotFound("errors.not_found")
    return kind


def search(
    session: Session, staff: Staff, kind: str, wanted: Wanted, *, limit: int, offset: int = 0
) -> Page:
    """Return a page of rows.

    Raises:
        Forbidden: a role that does not read this.
        NotFound, InvalidInput: no such kind, or no such state.
    """
    query = matching(session, staff, kind, wanted)
    total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    table = TABLES[kind]
    rows = session.scalars(
        query.order_by(getattr(table.model, table.key)).offset(offset).limit(limit)
    )
    return Page(rows.all(), total)


def matching(session: Session, staff: Staff, kind: str, wanted: Wanted) -> Select[Any]:
    """Return the query of the rows that are wanted; raises as `search` does."""
    require(staff, *READ_ROLES)
    model = TABLES[known_kind(kind)].model
    query: Select[Any] = select(model)
    for word in search_words(wanted.text):
        query = query.where(model.search.contains(word, autoescape=True))
    return query.where(*_in_state(model, wanted.state))


def find(session: Session, staff: Staff, kind: str, row_id: int) -> CatalogRow:
    """Return a row, retired or not.

    Raises:
        Forbidden, NotFound: not for this role, or no such row.
    """
    require(staff, *READ_ROLES)
    model = TABLES[known_kind(kind)].model
    found: Any = session.get(model, row_id) if 0 < row_id < 2**31 else None
    row: CatalogRow | None = found
    if row is None:
        raise NotFound("errors.knowledge_not_found")
    return row


def find_by_code(session: Session, staff: Staff, kind: str, code: str) -> CatalogRow:
    """Return a row by its code; raises as `find` does."""
    require(staff, *READ_ROLES)
    table = TABLES[known_kind(kind)]
    query: Select[Any] = select(table.model).where(
        getattr(table.model, table.key) == code.strip().upper()
    )
    row: CatalogRow | None = session.scalar(query)
    if row is None:
        raise NotFound("errors.knowledge_not_found")
    return row


def masked_cells(kind: str, row: CatalogRow) -> dict[str, str]:
    """Return all cells of a row, the customer's hidden."""
    return masked(kind, cells_of(kind, row))


def masked(kind: str, cells: Mapping[str, str]) -> dict[str, str]:
    """Return cells with the customer's hidden; empty ones stay empty."""
    personal = {column.field for column in TABLES[kind].columns if column.is_personal}
    return {name: MASK if name in personal and cell else cell for name, cell in cells.items()}


def readable(kind: str, cells: Mapping[str, str]) -> dict[str, str]:
    """Return cells as people read them: the customer's hidden, intents by their names."""
    named = {column.field for column in TABLES[kind].columns if column.kind == "intent"}
    shown = masked(kind, cells)
    return shown | {
        name: intent_names().get(shown[name], shown[name]) for name in named & shown.keys()
    }


def _in_state(model: type[CatalogRow], state: str) -> list[ColumnElement[bool]]:
    if state == "all":
        return []
    if state == "retired":
        return [model.retired_at.is_not(None)]
    if state == "expired" and model is Faq:
        today = to_local(utc_now()).date()
        return [model.retired_at.is_(None), Faq.valid_until < today]
    if state != "active":
        raise InvalidInput("errors.knowledge_state", field="state")
    return [model.retired_at.is_(None)]
