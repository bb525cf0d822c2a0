"""What the ticket list shows, as it stands in the page's address; reports link here."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal
from urllib.parse import urlencode

from fastapi import Request

from desk.accounts.models import Staff
from desk.tickets.filters import UNSETTLED, TicketFilter

PATH = "/desk/tickets"
Order = Literal["due", "newest"]
OWN_VIEWS = ("open", "mine", "overdue", "major", "all")


@dataclass(frozen=True, slots=True)
class ListQuery:
    """A search and its order; `view_id` is the saved view it came from."""

    wanted: TicketFilter
    order: Order = "due"
    view_id: int | None = None

    @property
    def address(self) -> str:
        """The page's address for it. A phone number is not in it."""
        values: dict[str, Any] = {"order": self.order}
        if self.view_id is not None:
            values["view"] = self.view_id
        else:
            values |= self.wanted.to_dict()
        return f"{PATH}?{urlencode(values, doseq=True)}"


def own_view(name: str, staff: Staff) -> ListQuery:
    """Return one of the views that everybody has."""
    unsettled = TicketFilter(state=tuple(UNSETTLED))
    return {
        "open": ListQuery(unsettled),
        "mine": ListQuery(replace(unsettled, recipient_id=staff.id)),
        "overdue": ListQuery(TicketFilter(is_overdue=True)),
        "major": ListQuery(replace(unsettled, severity="major")),
        "all": ListQuery(TicketFilter(), "newest"),
    }[name]


def read_query(request: Request, staff: Staff) -> ListQuery:
    """Return what an address asks for; without anything, what is unsettled.

    Raises:
        InvalidInput: a value that a field cannot have.
    """
    given = request.query_params
    values: Mapping[str, Any] = {
        name: given.getlist(name) if len(given.getlist(name)) > 1 else given[name]
        for name in given
        if name != "phone"
    }
    if not values:
        return own_view("open", staff)
    order: Order = "newest" if values.get("order") == "newest" else "due"
    view = str(values.get("view", ""))
    view_id = int(view) if view.isdecimal() and len(view) < 10 else None
    return ListQuery(TicketFilter.from_dict(values), order, view_id)
