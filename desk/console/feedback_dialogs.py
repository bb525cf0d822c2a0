"""What can be done about a ticket's answer: tell the customer, record a score or a meeting, close.

For the ticket's page: `feedback_actions` adds the buttons that this person may use now.
"""

from collections.abc import Awaitable, Callable

from sqlalchemy.orm import Session

from desk.accounts.models import Role, Staff
from desk.accounts.service import has_role
from desk.clock import utc_now
from desk.console.access import Visit
from desk.console.elements import action, box
from desk.console.ticket.dialogs import Field, Values, fill_in, moment_field, read_moment
from desk.errors import InvalidInput, NotFound
from desk.feedback.coordinating import Position, coordinate
from desk.feedback.service import TEXT_LIMIT, close_with_reason, give_feedback
from desk.feedback.surveys import COMMENT_LIMIT, answer_survey, newest_survey
from desk.locale import t
from desk.tickets.models import Ticket, TicketState
from desk.tickets.service import find_for_staff

OnChange = Callable[[], object]
Change = Callable[[Session, Staff, Ticket], object]


def feedback_actions(visit: Visit, ticket: Ticket, on_change: OnChange) -> None:
    """Add the buttons; `on_change` is called (and awaited, if it is async) after each change."""
    is_closed = ticket.state == TicketState.CLOSED
    is_desk = has_role(visit.staff, Role.AGENT, Role.SUPERVISOR)
    is_leader = has_role(visit.staff, Role.SUPERVISOR)
    is_manager = has_role(visit.staff, Role.MANAGER, Role.DIRECTOR)
    offered = (
        ("feedback", is_desk and not is_closed, ask_feedback),
        ("score", is_desk and ticket.state == TicketState.RESOLVED, ask_score),
        ("coordinate", is_leader and not is_closed, ask_coordination),
        ("close", is_manager and not is_closed, ask_closing),
    )
    with box("k-actions"):
        for name, is_offered, ask in offered:
            if is_offered:
                _button(name, visit, ticket, ask, on_change)


async def ask_feedback(visit: Visit, ticket: Ticket) -> bool:
    """Ask for measures and result; the customer is told with an apology."""
    return await _ask_text(visit, ticket, "feedback", give_feedback)


async def ask_closing(visit: Visit, ticket: Ticket) -> bool:
    """Ask a manager for the reason of closing; the customer is told."""
    return await _ask_text(visit, ticket, "close", close_with_reason)


async def ask_score(visit: Visit, ticket: Ticket) -> bool:
    """Ask for what the customer said on the phone."""
    scores = {str(score): t(f"customer.score_{score}") for score in range(5, 0, -1)}
    fields = (
        Field("score", t("feedback.score"), "choice", options=scores),
        Field("comment", t("feedback.comment"), is_required=False, limit=COMMENT_LIMIT),
    )

    async def work(values: Values) -> None:
        def answer(session: Session, staff: Staff, found: Ticket) -> None:
            survey = newest_survey(session, found.id)
            if survey is None:
                raise NotFound("errors.survey_not_found")
            score, comment = int(values["score"]), values["comment"] or None
            answer_survey(session, survey.id, score, comment, actor=staff.login)

        await _write(visit, ticket, answer)

    return await _ask(visit, "score", fields, work)


async def ask_coordination(visit: Visit, ticket: Ticket) -> bool:
    """Ask for a meeting's participants, what they wanted, and what was agreed."""
    fields = (
        moment_field("held_at", t("feedback.held_at"), utc_now()),
        Field("positions", t("feedback.positions"), limit=TEXT_LIMIT),
        Field("agreement", t("feedback.agreement"), limit=TEXT_LIMIT),
        Field("due_at", t("feedback.due_at"), "moment", is_required=False),
    )

    async def work(values: Values) -> None:
        due_at = read_moment(values["due_at"]) if values["due_at"] else None

        def record(session: Session, staff: Staff, found: Ticket) -> None:
            coordinate(
                session,
                staff,
                found,
                held_at=read_moment(values["held_at"]),
                positions=read_positions(values["positions"]),
                agreement=values["agreement"],
                due_at=due_at,
            )

        await _write(visit, ticket, record)

    return await _ask(visit, "coordinate", fields, work)


def read_positions(text: str) -> list[Position]:
    """Return the positions written one a line, as `参加方：意见`.

    Raises:
        InvalidInput: a line without a colon.
    """
    found = []
    for line in filter(None, map(str.strip, text.splitlines())):
        who, colon, position = line.replace("：", ":", 1).partition(":")
        if not colon:
            raise InvalidInput("errors.coordination_line", field="positions")
        found.append(Position(who, position))
    return found


async def _ask_text(visit: Visit, ticket: Ticket, name: str, tell: Callable[..., object]) -> bool:
    """Ask for a text that the customer will read. Its wording is checked; what is only warned of
    goes out when it is submitted a second time as it is."""
    warned: set[str] = set()

    async def work(values: Values) -> None:
        text = values["text"]

        def change(session: Session, staff: Staff, found: Ticket) -> None:
            is_confirmed = text in warned
            checker = visit.desk.checker
            tell(session, staff, found, text, checker=checker, is_confirmed=is_confirmed)

        try:
            await _write(visit, ticket, change)
        except InvalidInput as problem:
            if problem.key == "errors.wording_warned":
                warned.add(text)
            raise

    field = Field("text", t(f"feedback.{name}_text"), limit=TEXT_LIMIT)
    return await _ask(visit, name, (field,), work)


async def _ask(
    visit: Visit,
    name: str,
    fields: tuple[Field, ...],
    work: Callable[[Values], Awaitable[None]],
) -> bool:
    return await fill_in(
        visit,
        title=t(f"feedback.{name}"),
        hint=t(f"feedback.{name}_hint"),
        fields=fields,
        submit=t(f"feedback.{name}_submit"),
        work=work,
    )


async def _write(visit: Visit, ticket: Ticket, change: Change) -> None:
    number = ticket.number
    await visit.write(
        lambda session, staff: change(session, staff, find_for_staff(session, number, staff))
    )


def _button(
    name: str,
    visit: Visit,
    ticket: Ticket,
    ask: Callable[[Visit, Ticket], Awaitable[bool]],
    on_change: OnChange,
) -> None:
    async def click() -> None:
        if await ask(visit, ticket):
            visit.tell(t(f"feedback.{name}_done"))
            result = on_change()
            if isinstance(result, Awaitable):
                await result

    action(t(f"feedback.{name}"), click, look="outline color=primary")
