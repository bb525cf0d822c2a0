"""Which sections the page has, in order: the wide column and the narrow one."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from desk.console.ticket.deadline import show_deadline
from desk.console.ticket.facts import show_facts
from desk.console.ticket.feedback import show_feedback
from desk.console.ticket.files import show_files
from desk.console.ticket.group import show_group
from desk.console.ticket.head import show_head
from desk.console.ticket.ladder import show_ladder
from desk.console.ticket.relations import show_relations
from desk.console.ticket.similar import show_similar
from desk.console.ticket.timeline import show_timeline
from desk.console.ticket.transfers import show_transfers
from desk.console.ticket.validity import show_validity
from desk.console.ticket.work import show_work

if TYPE_CHECKING:
    from desk.console.ticket.page import TicketPage
    from desk.console.ticket.reading import TicketView

Section = Callable[["TicketPage", "TicketView"], None]

MAIN: tuple[Section, ...] = (show_head, show_facts, show_transfers, show_feedback, show_timeline)
SIDE: tuple[Section, ...] = (
    show_deadline,
    show_work,
    show_ladder,
    show_validity,
    show_files,
    show_similar,
    show_group,
    show_relations,
)
