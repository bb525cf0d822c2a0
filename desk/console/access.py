"""Who looks at a console page. The session is looked up again at every event."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from html import escape
from string import Template
from typing import TYPE_CHECKING, Literal, TypeVar
from urllib.parse import quote

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from nicegui import Client, background_tasks, ui
from sqlalchemy.orm import Session

from desk.accounts.models import Role, Staff
from desk.accounts.permissions import Right, roles_of
from desk.accounts.service import has_role, require, staff_for_token
from desk.accounts.step_up import require_recent
from desk.console.theme import CSS, DENIED
from desk.current import get_desk
from desk.errors import DeskError, Forbidden, NotLoggedIn
from desk.locale import t
from desk.web.activity import note_activity
from desk.web.cookies import session_token
from desk.web.problems import REFUSALS
from desk.web.refusals import door_of, note_refusal

if TYPE_CHECKING:
    from desk.app import Desk

T = TypeVar("T")
HOME = "/desk"
"""Where a login lands: roles without a place there are led on, which is no refusal."""
CONFIRM_NEEDED = "errors.confirm_needed"
Kind = Literal["positive", "negative", "warning", "info"]

DESK_ROLES = roles_of(Right.TALK)
QA_ROLES = roles_of(Right.REVIEW)
TRANSFER_ROLES = roles_of(Right.HANDLE_TRANSFERS)
TICKET_ROLES = roles_of(Right.SEE_TICKETS)
LEADER_ROLES = roles_of(Right.LEAD)


class Visit:
    """One open page of one staff member.

    Attributes:
        desk: the process's desk.
        staff: who it was when the page was built; for names and navigation only.
        client: NiceGUI's browser page, for messages from background work.
    """

    def __init__(
        self, desk: "Desk", token: str | None, staff: Staff, roles: tuple[Role, ...]
    ) -> None:
        self.desk = desk
        self.staff = staff
        self.client: Client = ui.context.client
        self._token = token
        self._roles = roles
        request = self.client.request
        self._path = request.url.path if request else self.client.page.path
        self.client.on_exception(lambda: self.tell(t("console.internal"), kind="negative"))

    def return_to(self, address: str) -> None:
        """Lead back to this address after a login that became necessary meanwhile."""
        self._path = address

    async def staff_now(self) -> Staff:
        """Return who is logged in at this moment.

        Raises:
            NotLoggedIn, Forbidden: the session ended, or the role changed.
        """
        return await self.desk.database.look(self._admitted)

    async def read(self, work: Callable[[Session, Staff], T]) -> T:
        """Run queries as the staff member who is logged in now."""
        return await self.desk.database.look(lambda session: work(session, self._admitted(session)))

    async def write(self, work: Callable[[Session, Staff], T]) -> T:
        """Run changes as the staff member who is logged in now, in one transaction."""
        return await self.desk.database.run(lambda session: work(session, self._admitted(session)))

    async def confirm(self) -> None:
        """See that whoever looks has shown who they are a short time ago (`desk.accounts.step_up`).

        Raises:
            Forbidden: not yet; `errors_shown` leads to where they can.
        """
        await self.desk.database.look(require_recent, self._token)

    async def write_confirmed(self, work: Callable[[Session, Staff], T]) -> T:
        """Run changes as `write` does, of somebody who has shown who they are; see `confirm`."""

        def confirmed(session: Session, staff: Staff) -> T:
            require_recent(session, self._token)
            return work(session, staff)

        return await self.write(confirmed)

    @contextmanager
    def errors_shown(self) -> Iterator[None]:
        """Show the desk's own errors as a message; a session that ended leads to the login, one
        that must be confirmed to the page for that. Nothing is shown on a page that has gone."""
        try:
            yield
        except NotLoggedIn:
            self.tell(t("console.session_over"), kind="warning")
            self._lead_to(_login_url(self._path))
        except DeskError as error:
            if error.key == CONFIRM_NEEDED:
                self._lead_to(f"/desk/confirm?next={quote(self._path)}")
                return
            if error.key in REFUSALS:
                page = self.client.page.path.replace("{", ":").replace("}", "")
                background_tasks.create(note_refusal(self.staff, f"page {page}"))
            self.tell(t(error.key, **error.details), kind="negative")

    def tell(self, text: str, *, kind: Kind = "positive") -> None:
        """Show a short message on the page, if that is still there."""
        timeout_ms = 2500 if kind == "positive" else 6000
        if self._is_there:
            with self.client:
                ui.notify(text, type=kind, position="bottom-left", timeout=timeout_ms)

    @property
    def _is_there(self) -> bool:
        """Whether the page is kept: work begun for it may end after it was closed."""
        return self.client.id in Client.instances

    def _lead_to(self, address: str) -> None:
        if self._is_there:
            with self.client:
                ui.navigate.to(address)

    def _admitted(self, session: Session) -> Staff:
        staff = staff_for_token(session, self._token)
        require(staff, *self._roles)
        return staff


async def admit(request: Request, *roles: Role) -> Visit | Response:
    """Return the visit, or the response to give instead.

    Nobody logged in: the login page. Another role: the page that this role may see, or 403.
    """
    desk = get_desk()
    token = session_token(request)
    try:
        staff = await desk.database.look(staff_for_token, token)
        require(staff, *roles)
    except NotLoggedIn:
        return RedirectResponse(_login_url(request.url.path), status_code=303)
    except Forbidden:
        if request.url.path != HOME:
            await note_refusal(staff, door_of("page", request.url.path, request.path_params))
        return _elsewhere(staff)
    await note_activity(token)
    await desk.language.ready()
    return Visit(desk, token, staff, roles)


def may_open(staff: Staff, roles: tuple[Role, ...]) -> bool:
    """Tell whether a page for these roles is in this person's navigation."""
    return has_role(staff, *roles)


def _elsewhere(staff: Staff) -> Response:
    if may_open(staff, QA_ROLES):
        return RedirectResponse("/desk/qa", status_code=303)
    if may_open(staff, DESK_ROLES):
        return RedirectResponse("/desk", status_code=303)
    if may_open(staff, TRANSFER_ROLES):
        return RedirectResponse("/desk/transfers", status_code=303)
    page = Template(DENIED).substitute(
        css=CSS,
        title=escape(t("console.denied_title")),
        text=escape(t("console.denied_text", role=t(f"console.role_{staff.role}"))),
        switch=escape(t("console.denied_switch")),
    )
    return HTMLResponse(page, status_code=403)


def _login_url(path: str) -> str:
    return f"/desk/login?next={quote(path)}"
