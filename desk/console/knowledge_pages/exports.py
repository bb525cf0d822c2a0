"""Asks in which form rows should leave the desk, and why where customers' data is in them."""

from sqlalchemy.orm import Session

from desk.accounts.models import Staff
from desk.console.access import Visit
from desk.console.knowledge_pages.shell import keep
from desk.console.ticket.dialogs import Field, Values, fill_in
from desk.knowledge import exporting
from desk.knowledge.editing import REASON_LIMIT
from desk.knowledge.exporting import Ending, File
from desk.knowledge.listing import Wanted
from desk.locale import t

ENDINGS = ("xlsx", "csv")


async def ask_export(visit: Visit, kind: str, wanted: Wanted) -> None:
    """Export the rows that are wanted, once somebody has said how."""
    forms = {ending: t(f"knowledge.export_{ending}") for ending in ENDINGS}
    fields = [Field("ending", t("knowledge.export_ending"), "choice", value="xlsx", options=forms)]
    if exporting.needs_reason(kind):
        label = t("knowledge.export_reason")
        fields.append(Field("reason", label, "line", limit=REASON_LIMIT))

    async def work(values: Values) -> None:
        ending: Ending = "csv" if values["ending"] == "csv" else "xlsx"
        reason = values.get("reason", "")

        def export(session: Session, staff: Staff) -> File:
            return exporting.export(session, staff, kind, wanted, ending=ending, reason=reason)

        keep(visit, await visit.write(export))

    title = t("knowledge.export_title", kind=t(f"knowledge.kind_{kind}"))
    done = await fill_in(
        visit,
        title=title,
        fields=fields,
        submit=t("knowledge.export"),
        work=work,
        hint=t("knowledge.export_hint"),
    )
    if done:
        visit.tell(t("knowledge.exported"))
