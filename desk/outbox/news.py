"""An entry of a timeline on its way to those who follow it."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from desk.tickets.models import Ticket, TicketEntry


@dataclass(slots=True)
class News:
    """One entry, with what its followers touched.

    Attributes:
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
        """Return a key that is the same whenever this entry is passed on."""
        return f"entry:{self.entry.id}:{about}"
