"""All that the page of a ticket shows, read in one go as the person who looks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from desk.accounts.models import Role, Staff
from desk.accounts.service import has_role, list_staff
from desk.escalation.models import Commitment, Escalation
from desk.feedback.coordinating import coordinations_of
from desk.feedback.models import Coordination, Survey
from desk.feedback.surveys import surveys_of
from desk.tickets.attachments import attachments_of
from desk.tickets.groups import find_group, group_tickets
from desk.tickets.links import Linked, links_of
from desk.tickets.merging import merged_into
from desk.tickets.models import Attachment, Ticket, TicketGroup
from desk.tickets.service import find_for_staff
from desk.tickets.validity import Opinion, opinions_of
from desk.transfers import repository
from desk.transfers.models import Transfer
from desk.transfers.service import RESPONSIBLE_ROLES

MOST_SHOWN = 50
T = TypeVar("T", Escalation, Commitment)


@dataclass(frozen=True, slots=True)
class TicketView:
    """A ticket with everything around it, and what the one who looks may do.

    Attributes:
        names: display names by login, for the timeline.
        responsible: who can be made first responsible person, display names by id.
        absorbed: tickets merged into this one; `standing` is the one that it went into.
        is_desk, is_leader, is_manager, is_handler: roles of the one who looks.
    """

    ticket: Ticket
    names: Mapping[str, str]
    responsible: Mapping[int, str]
    transfers: Sequence[Transfer]
    attachments: Sequence[Attachment]
    opinions: Sequence[Opinion]
    coordinations: Sequence[Coordination]
    escalations: Sequence[Escalation]
    commitments: Sequence[Commitment]
    surveys: Sequence[Survey]
    group: TicketGroup | None
    group_tickets: Sequence[Ticket]
    links: Sequence[Linked]
    absorbed: Sequence[Ticket]
    standing: Ticket | None
    staff: Staff
    is_desk: bool
    is_leader: bool
    is_manager: bool
    is_handler: bool

    @property
    def may_work(self) -> bool:
        """Whether this person works on tickets at all: QA only reads."""
        return self.is_desk or self.is_handler

    @property
    def stamp(self) -> tuple[object, ...]:
        """Changes with everything the page shows."""
        return (
            self.ticket.entries[-1].id if self.ticket.entries else 0,
            self.ticket.due_at,
            tuple((one.id, one.state, one.pressed) for one in self.transfers),
            len(self.attachments),
            tuple(one.number for one in self.group_tickets),
            tuple((one.id, one.acknowledged_at) for one in self.escalations),
            tuple((one.id, one.state) for one in self.commitments),
        )


def read_ticket(session: Session, staff: Staff, number: str) -> TicketView:
    """Read a ticket for this person; raises `NotFound`."""
    ticket = find_for_staff(session, number, staff)
    group = find_group(session, ticket.group_id) if ticket.group_id else None
    into = ticket.merged_into_id
    actors = {entry.actor for entry in ticket.entries}
    names = select(Staff.login, Staff.display_name).where(Staff.login.in_(actors))
    return TicketView(
        ticket=ticket,
        names={row.login: row.display_name for row in session.execute(names)},
        responsible={
            one.id: one.display_name for one in list_staff(session, *sorted(RESPONSIBLE_ROLES))
        },
        transfers=repository.of_ticket(session, staff, ticket),
        attachments=attachments_of(session, ticket),
        opinions=opinions_of(session, ticket),
        coordinations=coordinations_of(session, ticket),
        escalations=_of_ticket(session, Escalation, ticket),
        commitments=_of_ticket(session, Commitment, ticket),
        surveys=surveys_of(session, ticket.id),
        group=group,
        group_tickets=group_tickets(session, staff, group) if group else (),
        links=links_of(session, staff, ticket),
        absorbed=merged_into(session, ticket),
        standing=session.get(Ticket, into) if into else None,
        staff=staff,
        is_desk=has_role(staff, Role.AGENT, Role.SUPERVISOR),
        is_leader=has_role(staff, Role.SUPERVISOR),
        is_manager=has_role(staff, Role.MANAGER, Role.DIRECTOR),
        is_handler=has_role(staff, Role.DEPARTMENT),
    )


def _of_ticket(session: Session, model: type[T], ticket: Ticket) -> Sequence[T]:
    query = select(model).where(model.ticket_id == ticket.id)
    return session.scalars(query.order_by(model.id.desc()).limit(MOST_SHOWN)).all()
