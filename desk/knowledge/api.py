"""REST: look things up in the catalogue, for other systems. Customers' data stays hidden."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from fastapi import Path as PathPart
from sqlalchemy.orm import Session

from desk.accounts.models import Staff
from desk.accounts.permissions import Right
from desk.catalog.models import CatalogRow
from desk.current import get_desk
from desk.knowledge import listing
from desk.knowledge.listing import RowState, Wanted
from desk.web.callers import staff_may

router = APIRouter(prefix="/knowledge", tags=["知识"])
KnowledgeReader = Annotated[Staff, Depends(staff_may(Right.READ_KNOWLEDGE))]
Kind = Annotated[str, PathPart(max_length=16, description="homes, products, orders, faq")]


@router.get("/{kind}", summary="查找资料")
async def listed(
    kind: Kind,
    staff: KnowledgeReader,
    text: Annotated[str, Query(max_length=100)] = "",
    state: RowState = "active",
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    offset: Annotated[int, Query(ge=0, lt=2**31)] = 0,
) -> dict[str, Any]:
    """Return rows found by Chinese, pinyin or first letters, by their code."""

    def read(session: Session) -> dict[str, Any]:
        wanted = Wanted(text, state)
        page = listing.search(session, staff, kind, wanted, limit=limit, offset=offset)
        return {"total": page.total, "rows": [as_json(kind, row) for row in page.rows]}

    return await get_desk().database.look(read)


@router.get("/{kind}/{code}", summary="一条资料")
async def one(
    kind: Kind, code: Annotated[str, PathPart(max_length=32)], staff: KnowledgeReader
) -> dict[str, Any]:
    """Return a row by its code."""

    def read(session: Session) -> dict[str, Any]:
        return as_json(kind, listing.find_by_code(session, staff, kind, code))

    return await get_desk().database.look(read)


def as_json(kind: str, row: CatalogRow) -> dict[str, Any]:
    """Return a row for other systems, its cells as files show them."""
    return {
        "id": row.id,
        "version": row.version,
        "is_retired": row.retired_at is not None,
        "cells": listing.masked_cells(kind, row),
    }
