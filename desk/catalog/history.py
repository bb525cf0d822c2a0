"""Who changed what in the catalogue, and when."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from desk.accounts.models import Staff
from desk.catalog.models import CatalogChange

Changes = Mapping[str, tuple[str, str]]
"""Field -> the cell before and after."""


def note_change(
    session: Session,
    kind: str,
    row_id: int,
    action: str,
    changes: Changes,
    *,
    staff: Staff | None,
    origin: str,
    now: datetime,
) -> None:
    """Keep what was done to a row; `origin` is `form`, `import`, `approval` or `cli`."""
    session.add(
        CatalogChange(
            kind=kind,
            row_id=row_id,
            action=action,
            origin=origin,
            changes=json.dumps({key: list(pair) for key, pair in changes.items()}),
            staff_id=staff.id if staff else None,
            at=now,
        )
    )


def changes_of(
    session: Session, kind: str, row_id: int, *, limit: int = 50
) -> Sequence[CatalogChange]:
    """Return the changes of a row, the newest first. The caller checks the role."""
    query = select(CatalogChange).where(CatalogChange.kind == kind, CatalogChange.row_id == row_id)
    return session.scalars(query.order_by(CatalogChange.id.desc()).limit(limit)).all()


def read_changes(change: CatalogChange) -> dict[str, tuple[str, str]]:
    """Return the cells before and after, by field."""
    raw: dict[str, list[str]] = json.loads(change.changes)
    return {field: (before, after) for field, (before, after) in raw.items()}
