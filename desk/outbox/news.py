"""An entry of a timeline on its way to those who follow it."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from desk.tickets.models import Ticket, TicketEntry


@dataclass(slots=True)
class News:
    """One entry, with what its followers touched.

    Attributes:
        ticket: the one whose customer and colleagues are meant: the entry's own, or one that was
            merged into it.
        now: the time that followers write down.
        conversations: ids of those that got a message; told to listeners after the commit.
        has_notices: whether somebody's bell has to ring.
    """

    session: Session
    ticket: Ticket
    entry: TicketEntry
    now: datetime
    conversations: set[str] = field(default_factory=set)
    has_notices: bool = False

    @property
    def data(self) -> dict[str, Any]:
        """The entry's codes and numbers."""
        return self.entry.data

    def key(self, about: str) -> str:
        """Return a key that is the same whenever this entry is passed on for this ticket."""
        return f"entry:{self.entry.id}:{self.ticket.id}:{about}"

    def about(self, ticket: Ticket) -> "News":
        """Return the same news for another ticket, for which this one stands."""
        return replace(self, ticket=ticket)
