"""`/desk/sharing`: applications to share customers' data, their approval, and the files."""

from fastapi import Request
from fastapi.responses import Response
from nicegui import ui
from sqlalchemy.orm import Session

from desk.accounts.models import Staff
from desk.accounts.permissions import Right, roles_of
from desk.clock import utc_now
from desk.console.access import Visit, admit
from desk.console.confirming import ask_yes
from desk.console.elements import action, box, moment, nothing, words
from desk.console.sharing_dialogs import ask_application, ask_note, ask_passphrase
from desk.console.theme import FOLDER, frame
from desk.locale import t
from desk.sharing import service
from desk.sharing.models import Share, ShareState, ShareUse

CSS = (FOLDER / "sharing.css").read_text(encoding="utf-8")
ROLES = roles_of(Right.SHARE)
LOOKS = {
    "waiting": "is-queued",
    "approved": "is-agent",
    "refused": "is-block",
}
COLUMNS = ("state", "what", "recipient", "reason", "applicant", "until", "do")
Row = tuple[Share, list[ShareUse]]


async def sharing_page(request: Request) -> Response | None:
    """Build the page."""
    visit = await admit(request, *ROLES)
    if isinstance(visit, Response):
        return visit
    ui.add_css(CSS)
    with frame(visit, active="sharing"):
        page = SharingPage(visit)
    await page.refresh()
    return None


class SharingPage:
    """The list of applications that this person may see, and what can be done with each."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        with box("k-sharing"):
            with box("k-sharing-top"):
                words(t("sharing.page_title"), "k-dialog-title", tag="h1")
                action(t("sharing.new"), self._apply, look="unelevated color=primary", icon="add")
            words(t("sharing.page_hint"), "k-dialog-text", tag="p")
            self._place = box("k-sharing-list")

    async def refresh(self) -> None:
        """Read and draw the list anew."""
        with self._visit.errors_shown():
            rows = await self._visit.read(_read)
            staff = await self._visit.staff_now()
            if not self._place.is_deleted:
                self._draw(rows, staff)

    def _draw(self, rows: list[Row], staff: Staff) -> None:
        self._place.clear()
        with self._place:
            if not rows:
                nothing(t("sharing.empty"), t("sharing.empty_hint"))
                return
            with box("k-table", tag="table"):
                with box(tag="thead"), box(tag="tr"):
                    for name in COLUMNS:
                        words(t(f"sharing.column_{name}"), tag="th").props("scope=col")
                with box(tag="tbody"):
                    for share, uses in rows:
                        self._row(share, uses, staff)

    def _row(self, share: Share, uses: list[ShareUse], staff: Staff) -> None:
        now = utc_now()
        is_over = share.expires_at <= now and share.state in ("waiting", "approved")
        state = "expired" if is_over else str(share.state)
        fields = "、".join(t(f"sharing.field_{name}") for name in share.fields)
        with box(tag="tr").props(f"data-share={share.id}"):
            with box(tag="td"):
                words(t(f"sharing.state_{state}"), f"k-chip {LOOKS.get(state, '')}")
            with box(tag="td"):
                words(t("sharing.what", tickets=len(share.numbers), fields=fields))
                _note("、".join(share.numbers[:5]) + ("…" if len(share.numbers) > 5 else ""))
                if service.is_personal(share):
                    words(t("sharing.personal"), "k-chip is-warn")
            words(share.recipient, tag="td")
            with box(tag="td"):
                words(share.reason)
                if share.decision_note:
                    _note(t("sharing.decided_note", note=share.decision_note))
            words(share.applicant.display_name, tag="td")
            with box(tag="td"):
                until = moment(share.expires_at, now)
                words(t("sharing.until", at=until, used=share.used, granted=share.granted))
                if uses:
                    _note(t("sharing.uses", list="；".join(_use(one) for one in uses)))
            with box(tag="td"), box("k-sharing-do"):
                if not is_over:
                    self._actions(share, staff)

    def _actions(self, share: Share, staff: Staff) -> None:
        is_mine = share.applicant_id == staff.id
        is_decider = staff.role in service.DECIDE_ROLES
        if share.state == ShareState.WAITING and is_decider and not is_mine:
            action(t("sharing.approve"), lambda: self._approve(share), look="outline")
            action(t("sharing.refuse"), lambda: self._refuse(share))
        if share.state == ShareState.APPROVED and is_mine:
            action(t("sharing.download"), lambda: self._download(share), look="outline")
        is_running = share.state in (ShareState.WAITING, ShareState.APPROVED)
        if is_running and (is_mine or is_decider):
            action(t("sharing.withdraw"), lambda: self._withdraw(share))

    async def _apply(self) -> None:
        wanted = await ask_application(self._visit)
        if wanted is None:
            return
        with self._visit.errors_shown():
            await self._visit.write(lambda session, staff: _applied(session, staff, wanted))
            self._visit.tell(t("sharing.submitted"))
        await self.refresh()

    async def _is_confirmed(self) -> bool:
        """Tell whether to go on; asked first, so that nobody fills in a form in vain."""
        with self._visit.errors_shown():
            await self._visit.confirm()
            return True
        return False

    async def _approve(self, share: Share) -> None:
        question = t("sharing.approve_question")
        if not await self._is_confirmed():
            return
        if await ask_yes(self._visit, title=t("sharing.approve"), question=question):
            await self._decide(share, is_approved=True, note="", done="sharing.approved")

    async def _refuse(self, share: Share) -> None:
        if not await self._is_confirmed():
            return
        note = await ask_note(self._visit)
        if note is not None:
            await self._decide(share, is_approved=False, note=note, done="sharing.refused")

    async def _decide(self, share: Share, *, is_approved: bool, note: str, done: str) -> None:
        def work(session: Session, staff: Staff) -> None:
            service.decide(session, staff, share.id, is_approved=is_approved, note=note)

        with self._visit.errors_shown():
            await self._visit.write_confirmed(work)
            self._visit.tell(t(done))
        await self.refresh()

    async def _withdraw(self, share: Share) -> None:
        question = t("sharing.withdraw_question")
        if not await ask_yes(self._visit, title=t("sharing.withdraw"), question=question):
            return

        def work(session: Session, staff: Staff) -> None:
            service.withdraw(session, staff, share.id)

        with self._visit.errors_shown():
            await self._visit.write(work)
            self._visit.tell(t("sharing.withdrawn"))
        await self.refresh()

    async def _download(self, share: Share) -> None:
        if not await self._is_confirmed():
            return
        passphrase = None
        if not share.recipient_key and (passphrase := await ask_passphrase(self._visit)) is None:
            return

        def work(session: Session, staff: Staff) -> tuple[service.File, bool]:
            file = service.download(session, staff, share.id, passphrase=passphrase)
            return file, service.find(session, staff, share.id).state == ShareState.USED_UP

        with self._visit.errors_shown():
            file, is_last = await self._visit.write_confirmed(work)
            with self._visit.client:
                ui.download.content(file.content, file.name, "application/octet-stream")
            self._visit.tell(t("sharing.download_last" if is_last else "sharing.downloaded"))
        await self.refresh()


def _note(text: str) -> None:
    words(text, "k-sharing-note")


def _use(use: ShareUse) -> str:
    return t("sharing.use", name=use.staff.display_name, at=moment(use.at, utc_now()))


def _applied(session: Session, staff: Staff, wanted: service.Application) -> None:
    service.apply(session, staff, wanted)


def _read(session: Session, staff: Staff) -> list[Row]:
    shares = service.shares_for(session, staff)
    return [(share, service.uses_of(session, share)) for share in shares]
