"""Photos and scans: look, download, add. Files go to the REST route, which checks them."""

import json
from typing import TYPE_CHECKING
from urllib.parse import quote

from nicegui.events import GenericEventArguments

from desk.console.elements import box, words
from desk.console.ticket.parts import panel
from desk.locale import t
from desk.tickets.files import SCAN_TYPE, SIZE_LIMIT
from desk.tickets.models import Attachment, TicketState

if TYPE_CHECKING:
    from desk.console.ticket.page import TicketPage
    from desk.console.ticket.reading import TicketView

ACCEPTED = "image/jpeg,image/png,image/webp,application/pdf"
# The answer of each upload: an empty text, or what was wrong.
SEND = """async (event) => {
    const input = event.target;
    for (const file of Array.from(input.files)) {
        const form = new FormData();
        form.append("file", file);
        let problem = "";
        if (file.size > %d) problem = %s;
        else try {
            const response = await fetch(%s, {method: "POST", body: form});
            if (!response.ok) problem = (await response.json()).error.text;
        } catch (error) {
            problem = %s;
        }
        emit(problem);
    }
    input.value = "";
}"""


def show_files(page: "TicketPage", view: "TicketView") -> None:
    """Draw the section."""
    files = view.attachments
    with panel(t("ticket_page.files"), name="files", count=len(files)) as buttons:
        if view.may_work and view.ticket.state != TicketState.CLOSED:
            with buttons:
                _chooser(page)
        if not files:
            words(t("ticket_page.files_none"), "k-card-why", tag="div")
        with box("k-files"):
            for file in files:
                _file(page.number, file)


def _file(number: str, file: Attachment) -> None:
    address = f"/api/v1/tickets/{quote(number)}/attachments/{file.id}"
    with box("k-file", tag="a") as link:
        link.props["href"] = address
        link.props["download"] = True
        if file.media_type == SCAN_TYPE:
            words("PDF", "k-file-scan", tag="div")
        else:
            photo = box("k-file-photo", tag="img").props("loading=lazy")
            photo.props["src"], photo.props["alt"] = address, file.name
        words(file.name, "k-file-name", tag="div")
        words(t("ticket_page.file_size", kb=max(1, file.size // 1024)), "k-cell-sub", tag="div")


def _chooser(page: "TicketPage") -> None:
    async def sent(event: GenericEventArguments) -> None:
        if event.args:
            page.visit.tell(str(event.args), kind="negative")
        else:
            page.visit.tell(t("ticket_page.file_added"))
            await page.refresh()

    address = f"/api/v1/tickets/{quote(page.number)}/attachments"
    too_large = t("errors.file_too_large", limit_mb=SIZE_LIMIT // 1024**2)
    lost = t("ticket_page.file_lost")
    script = SEND % (SIZE_LIMIT, json.dumps(too_large), json.dumps(address), json.dumps(lost))
    with box("k-file-add", tag="label"):
        words(t("ticket_page.file_add"))
        chooser = box("", tag="input").props(f"type=file multiple accept={ACCEPTED}")
        chooser.props["aria-label"] = t("ticket_page.file_add")
        chooser.on("change", sent, js_handler=script)
