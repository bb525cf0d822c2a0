"""One transfer with the steps that this person may take now; on the ticket's page and in the
departments' list."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from nicegui import ui
from sqlalchemy.orm import Session

from desk.accounts.models import Staff
from desk.clock import utc_now
from desk.console.access import Visit
from desk.console.elements import box, words
from desk.console.ticket.dialogs import Field, fill_in
from desk.console.ticket.parts import facts, small
from desk.locale import t
from desk.tickets.revealing import REASON_LIMIT, may_reveal
from desk.tickets.view import department_name, due_text
from desk.transfers import service
from desk.transfers.domain import Step, is_overdue
from desk.transfers.models import Transfer
from desk.transfers.printing import Printout
from desk.transfers.stepping import may_take
from desk.transfers.view import transfer_state_name

LOOK_OF_STATE = {
    "sent": "is-queued",
    "accepted": "is-bot",
    "asked_back": "is-hint",
    "proposed": "is-warn",
    "done": "is-good",
}
SERVICES: dict[Step, Callable[..., Transfer]] = {
    Step.ACCEPT: service.accept,
    Step.ASK_BACK: service.ask_back,
    Step.ANSWER: service.answer_back,
    Step.PROGRESS: service.report_progress,
    Step.PROPOSE: service.propose,
    Step.APPROVE: service.approve,
    Step.RETURN: service.return_to,
    Step.CANCEL: service.cancel,
    Step.PRESS: service.press,
}
WITHOUT_TEXT = frozenset({Step.ACCEPT})
TEXT_OPTIONAL = frozenset({Step.APPROVE, Step.PRESS})
LOOKS = {
    Step.ACCEPT: "unelevated color=primary",
    Step.PROPOSE: "unelevated color=primary",
    Step.ANSWER: "unelevated color=primary",
    Step.APPROVE: "unelevated color=positive",
    Step.CANCEL: "flat color=negative",
    Step.PRESS: "outline color=warning",
}
ORDER = (
    Step.ACCEPT,
    Step.ANSWER,
    Step.APPROVE,
    Step.RETURN,
    Step.PROPOSE,
    Step.PROGRESS,
    Step.ASK_BACK,
    Step.PRESS,
    Step.CANCEL,
)
Done = Callable[[], Awaitable[None]]


def show_transfer(visit: Visit, transfer: Transfer, staff: Staff, *, on_done: Done) -> None:
    """Draw a transfer; `on_done` is called after a step was taken."""
    now = utc_now()
    is_late = is_overdue(transfer.state, transfer.required_by, now)
    with box("k-card k-transfer").props(f"data-transfer={transfer.id}"):
        with box("k-ticket-top"):
            words(department_name(transfer.department), "k-line-title")
            look = LOOK_OF_STATE.get(transfer.state, "")
            words(transfer_state_name(transfer.state), f"k-chip {look}")
            if is_late:
                words(t("transfer.late"), "k-chip is-urgent")
            if transfer.pressed:
                words(t("transfer.pressed", n=transfer.pressed), "k-chip is-warn")
        facts(
            {
                t("transfer.required_by"): due_text(transfer.required_by),
                t("transfer.first_responsible"): transfer.first_responsible.display_name,
                t("transfer.handler"): transfer.handler.display_name if transfer.handler else None,
                t("transfer.matter"): transfer.matter,
                t("transfer.question"): transfer.question,
                t("transfer.result"): transfer.result,
            }
        )
        with box("k-actions"):
            for step in ORDER:
                if may_take(staff, transfer, step):
                    small(
                        t(f"transfer.step_{step}"),
                        partial(_take, visit, transfer, step, on_done),
                        look=LOOKS.get(step, "outline color=primary"),
                    )
            small(t("transfer.print"), partial(print_form, visit, transfer.id, staff), look="flat")


async def _take(visit: Visit, transfer: Transfer, step: Step, on_done: Done) -> None:
    async def work(given: dict[str, str]) -> None:
        texts = [given["text"]] if "text" in given else []

        def change(session: Session, staff: Staff) -> None:
            SERVICES[step](session, staff, transfer.id, *texts)

        await visit.write(change)

    is_taken = False
    if step in WITHOUT_TEXT:
        with visit.errors_shown():
            await work({})
            is_taken = True
    else:
        needed = step not in TEXT_OPTIONAL
        field = Field("text", t(f"transfer.text_{step}"), is_required=needed)
        title = t(f"transfer.step_{step}")
        hint = t("transfer.step_hint", department=department_name(transfer.department))
        is_taken = await fill_in(
            visit, title=title, fields=[field], submit=title, work=work, hint=hint
        )
    if is_taken:
        visit.tell(t(f"transfer.taken_{step}"))
    await on_done()


async def print_form(visit: Visit, transfer_id: int, staff: Staff) -> None:
    """Save the form as PDF; with the customer's data only for a reason, which is recorded."""
    if not may_reveal(staff):
        await _save(visit, transfer_id, None)
        return

    async def work(given: dict[str, str]) -> None:
        await _save(visit, transfer_id, given["reason"] or None)

    reason = Field(
        "reason", t("transfer.print_reason"), "line", is_required=False, limit=REASON_LIMIT
    )
    title = t("transfer.print")
    hint = t("transfer.print_hint")
    await fill_in(visit, title=title, fields=[reason], submit=title, work=work, hint=hint)


async def _save(visit: Visit, transfer_id: int, reason: str | None) -> None:
    def read(session: Session, staff: Staff) -> Printout:
        return Printout(session, staff, transfer_id, reveal_reason=reason, now=utc_now())

    run: Any = visit.read if reason is None else visit.write
    printout: Printout = await run(read)
    content = await asyncio.to_thread(printout.pdf, visit.desk.company.name)
    name = t("transfer.form_name", number=printout.number.replace("/", "-"))
    with visit.client:
        ui.download.content(content, name, "application/pdf")
