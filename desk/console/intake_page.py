"""`/desk/intake`: a caller's, a visitor's or a letter's matter is written down."""

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fastapi import Request
from fastapi.responses import Response
from nicegui import events, ui
from sqlalchemy.orm import Session

from desk.accounts.models import Staff
from desk.console.access import DESK_ROLES, Visit, admit
from desk.console.elements import action, box, name_upload, words
from desk.console.intake_fields import IntakeFields
from desk.console.theme import frame
from desk.console.ticket_list_css import CSS
from desk.console.ticket_list_query import PATH
from desk.errors import DeskError, InvalidInput
from desk.locale import t
from desk.tickets.attachments import attach
from desk.tickets.domain import NewTicket, read_phone
from desk.tickets.files import SIZE_LIMIT, CheckedFile, check_file
from desk.tickets.models import Ticket
from desk.tickets.service import open_ticket, tickets_for_phone, triage_of
from desk.tickets.view import department_name, due_text, kind_name, state_name

if TYPE_CHECKING:
    from scripts_library.triage.classifier import Triage

KNOWN_LIMIT = 5
PHONE_PAUSE_MS = 500
ACCEPTED = "image/jpeg,image/png,image/webp,application/pdf"


async def intake_page(request: Request) -> Response | None:
    """Build the page for agents and supervisors."""
    visit = await admit(request, *DESK_ROLES)
    if isinstance(visit, Response):
        return visit
    with frame(visit, active="tickets"):
        ui.add_css(CSS)
        Intake(visit)
    return None


@dataclass(frozen=True, slots=True)
class _Done:
    """What the customer is told after the matter was taken down."""

    number: str
    department: str
    due: str


class Intake:
    """One open form."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self._files: list[CheckedFile] = []
        with box("k-intake", tag="main") as self._place:
            self._draw()

    def _draw(self) -> None:
        self._files.clear()
        self._place.clear()
        with self._place, box("k-intake-form", tag="div"):
            with box("k-intake-head"):
                words(t("intake.title"), tag="h1")
                words(t("intake.hint"), tag="p")
            self._fields = IntakeFields(self._visit.desk.company.privacy_notice)
            phone = self._fields.phone
            phone.props(f"debounce={PHONE_PAUSE_MS}")
            phone.on_value_change(self._show_known)
            with self._fields.side:
                self._known = box("k-panel k-known", tag="section")
                self._known.set_visibility(False)
                with box("k-panel", tag="section"):
                    self._upload()
            with box("k-intake-foot"):
                action(t("console.cancel"), lambda: ui.navigate.to(PATH))
                action(t("intake.submit"), self._submit, look="unelevated color=primary")

    def _upload(self) -> None:
        words(t("intake.files"), "k-title", tag="h2")
        hint = t("intake.files_hint", limit_mb=SIZE_LIMIT // 1024**2)
        upload = ui.upload(
            multiple=True,
            max_files=5,
            max_file_size=SIZE_LIMIT,
            on_upload=self._take,
            auto_upload=True,
        )
        upload.props(f'flat bordered accept="{ACCEPTED}"')
        name_upload(upload, hint)

    async def _take(self, event: events.UploadEventArguments) -> None:
        name, content = event.file.name, await event.file.read()
        try:
            file = await asyncio.to_thread(check_file, name, content)
        except DeskError as error:
            text = t("intake.file_failed", name=name, error=t(error.key, **error.details))
            self._visit.tell(text, kind="negative")
        else:
            self._files.append(file)

    async def _show_known(self) -> None:
        phone = read_phone(self._fields.phone.value or "")
        if phone is None:
            self._known.set_visibility(False)
            return
        found = await self._visit.read(
            lambda session, _: tickets_for_phone(session, phone, limit=KNOWN_LIMIT)
        )
        self._known.clear()
        self._known.set_visibility(True)
        with self._known:
            _show_tickets(found)

    async def _submit(self) -> None:
        self._fields.mark(None, None)
        try:
            new = self._fields.matter(self._visit.staff.id)
            triage = await asyncio.to_thread(triage_of, new)
            done = await self._visit.write(
                lambda session, staff: _take_down(session, staff, new, triage, self._files)
            )
        except InvalidInput as error:
            problem = t(error.key, **error.details)
            self._fields.mark(error.details.get("field"), problem)
            self._visit.tell(problem, kind="negative")
        except DeskError as error:
            with self._visit.errors_shown():
                raise error
        else:
            self._show_done(done)

    def _show_done(self, done: _Done) -> None:
        self._place.clear()
        with self._place, box("k-intake-done").props("role=status"):
            words(t("intake.done_title", number=done.number), tag="h1")
            text = t("intake.done_text", department=done.department, due=done.due)
            words(text, "k-dialog-text", tag="p")
            with box("k-dialog-foot"):
                action(t("intake.done_list"), lambda: ui.navigate.to(PATH))
                action(t("intake.done_again"), self._draw, look="outline")
                action(
                    t("intake.done_open"),
                    lambda: ui.navigate.to(f"{PATH}/{done.number}"),
                    look="unelevated color=primary",
                )


def _take_down(
    session: Session,
    staff: Staff,
    new: NewTicket,
    triage: "Triage | None",
    files: list[CheckedFile],
) -> _Done:
    ticket = open_ticket(session, new, actor=staff.login, triage=triage)
    for file in files:
        attach(session, staff, ticket, file)
    return _Done(ticket.number, department_name(ticket.department), due_text(ticket.due_at))


def _show_tickets(found: list[Ticket]) -> None:
    words(t("intake.known" if found else "intake.known_none"), "k-title", tag="h2")
    with box(tag="ul"):
        for ticket in found:
            with box(tag="li"):
                link = words(ticket.number, "k-number k-ticket-link", tag="a")
                link.props(f"href={PATH}/{ticket.number} target=_blank")
                words(f" {kind_name(ticket.kind)} · {state_name(ticket.state)} ", "k-card-why")
                words(ticket.description[:60], "k-dialog-text", tag="div")
