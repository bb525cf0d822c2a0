"""One change to many tickets; each succeeds whole or stays as it was, and each is reported."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from desk.accounts.models import Role, Staff
from desk.accounts.service import require
from desk.clock import utc_now
from desk.errors import DeskError, InvalidInput
from desk.locale import t
from desk.tickets import groups, service
from desk.tickets.handling import Classification, assign, reclassify
from desk.tickets.locking import lock_ticket
from desk.tickets.models import Ticket

MOST_TICKETS = 200
WORKERS = (Role.AGENT, Role.SUPERVISOR, Role.DEPARTMENT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What is to be done; exactly one thing is set.

    Attributes:
        recipient_id: assign to this account.
        state: put into this state; `text` says why.
        classification: correct what they count as; `text` says why.
        note: add this remark for colleagues.
        group_id: put them into this group.
        group_title: put them into a new group of this name.
    """

    recipient_id: int | None = None
    state: str | None = None
    classification: Classification | None = None
    note: str | None = None
    group_id: int | None = None
    group_title: str | None = None
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one ticket; `error` is the reason in Chinese why it stayed as it was."""

    number: str
    error: str | None = None


@dataclass(frozen=True, slots=True)
class BulkResult:
    """All outcomes in the order asked for.

    Attributes:
        group_id: of the group they were put into.
    """

    outcomes: list[Outcome] = field(default_factory=list)
    group_id: int | None = None

    @property
    def done(self) -> int:
        """How many tickets were changed."""
        return sum(outcome.error is None for outcome in self.outcomes)


def change_many(
    session: Session,
    staff: Staff,
    numbers: Sequence[str],
    change: Change,
    *,
    now: datetime | None = None,
) -> BulkResult:
    """Change up to `MOST_TICKETS` tickets, each in a savepoint of its own.

    A ticket that does not exist for this person, is in the wrong state and so on is reported in
    its outcome and keeps no trace of the attempt.

    Raises:
        Forbidden: QA only reads.
        InvalidInput: too many tickets, or not exactly one change.
    """
    require(staff, *WORKERS)
    wanted = list(dict.fromkeys(numbers))
    if len(wanted) > MOST_TICKETS:
        raise InvalidInput("errors.too_many_tickets", field="numbers", limit=MOST_TICKETS)
    now = now or utc_now()
    apply, group_id = _work(session, staff, change, now)
    outcomes = {}
    # In the order of their numbers: two people changing the same tickets must not wait in a circle.
    for number in sorted(wanted):
        outcomes[number] = _try(session, staff, number, apply)
    result = BulkResult([outcomes[number] for number in wanted], group_id)
    if change.group_title is not None and not result.done:
        session.delete(groups.find_group(session, group_id or 0))
        return BulkResult(result.outcomes)
    return result


def _try(session: Session, staff: Staff, number: str, apply: Callable[[Ticket], object]) -> Outcome:
    try:
        with session.begin_nested():
            ticket = service.find_for_staff(session, number, staff)
            apply(lock_ticket(session, ticket.id))
    except DeskError as error:
        return Outcome(number, t(error.key, **error.details))
    return Outcome(ticket.number)


def _work(
    session: Session, staff: Staff, change: Change, now: datetime
) -> tuple[Callable[[Ticket], object], int | None]:
    """Return what to do with each ticket, and the group it is about."""
    login, text = staff.login, change.text
    chosen: list[Callable[[Ticket], object]] = []
    group = None
    if (recipient_id := change.recipient_id) is not None:
        chosen.append(lambda one: assign(session, staff, one, recipient_id, now=now))
    if (state := change.state) is not None:
        chosen.append(
            lambda one: service.change_state(session, one, state, actor=login, text=text, now=now)
        )
    if (wanted := change.classification) is not None:
        chosen.append(lambda one: reclassify(session, staff, one, wanted, reason=text, now=now))
    if (remark := change.note) is not None:
        chosen.append(lambda one: service.note(session, one, remark, actor=login, now=now))
    if change.group_id is not None or change.group_title is not None:
        group = (
            groups.create_group(session, staff, change.group_title, [], now=now)
            if change.group_title is not None
            else groups.find_group(session, change.group_id or 0)
        )
        into = group
        chosen.append(lambda one: groups.add_to_group(session, staff, into, one, now=now))
    if len(chosen) != 1:
        raise InvalidInput("errors.nothing_to_change")
    return chosen[0], group.id if group else None
