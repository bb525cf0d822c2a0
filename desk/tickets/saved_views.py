"""Searches that staff keep under a name, for themselves or for everybody."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from desk.accounts.models import Role, Staff
from desk.accounts.service import has_role, require
from desk.clock import utc_now
from desk.errors import Conflict, InvalidInput, NotFound
from desk.tickets.filters import TicketFilter
from desk.tickets.models import SavedView

NAME_LIMIT = 40
VIEW_LIMIT = 50
SHOWN_LIMIT = 200


def list_views(session: Session, staff: Staff) -> Sequence[SavedView]:
    """Return one's own views and the shared ones, one's own first."""
    query = select(SavedView).where(_visible(staff))
    own_first = (SavedView.staff_id != staff.id, SavedView.name, SavedView.id)
    return session.scalars(query.order_by(*own_first).limit(SHOWN_LIMIT)).all()


def find_view(session: Session, staff: Staff, view_id: int) -> SavedView:
    """Return a view of one's own or a shared one; raises `NotFound`."""
    query = select(SavedView).where(SavedView.id == view_id, _visible(staff))
    found = session.scalar(query) if 0 < view_id < 2**31 else None
    if found is None:
        raise NotFound("errors.view_not_found")
    return found


def filter_of(view: SavedView) -> TicketFilter:
    """Return the search that a view keeps."""
    return TicketFilter.from_dict(view.filters)


def save_view(
    session: Session,
    staff: Staff,
    name: str,
    wanted: TicketFilter,
    *,
    is_shared: bool = False,
    now: datetime | None = None,
) -> SavedView:
    """Keep a search under a name; without a phone number in it.

    Raises:
        InvalidInput: no name or a longer one than `NAME_LIMIT`.
        Conflict: one has a view of this name, or as many as one may have.
        Forbidden: only leaders share views.
    """
    name = name.replace("\x00", "").strip()
    if not 0 < len(name) <= NAME_LIMIT:
        raise InvalidInput("errors.view_name_invalid", field="name", limit=NAME_LIMIT)
    if is_shared:
        require(staff, Role.SUPERVISOR)
    own = select(SavedView).where(SavedView.staff_id == staff.id)
    if session.scalar(own.where(SavedView.name == name)):
        raise Conflict("errors.view_name_taken", name=name)
    if (session.scalar(select(func.count()).select_from(own.subquery())) or 0) >= VIEW_LIMIT:
        raise Conflict("errors.view_limit", limit=VIEW_LIMIT)
    view = SavedView(
        staff_id=staff.id,
        name=name,
        filters=wanted.to_dict(),
        is_shared=is_shared,
        created_at=now or utc_now(),
    )
    session.add(view)
    session.flush()
    return view


def delete_view(session: Session, staff: Staff, view_id: int) -> None:
    """Delete one's own view; leaders may also delete what others share.

    Raises:
        NotFound: no such view, or it is somebody else's.
    """
    view = find_view(session, staff, view_id)
    if not may_delete(staff, view):
        raise NotFound("errors.view_not_found")
    session.delete(view)


def may_delete(staff: Staff, view: SavedView) -> bool:
    """Tell whether this person may delete a view that he or she sees."""
    return view.staff_id == staff.id or has_role(staff, Role.SUPERVISOR)


def _visible(staff: Staff) -> ColumnElement[bool]:
    return or_(SavedView.staff_id == staff.id, SavedView.is_shared)
