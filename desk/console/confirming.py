"""Questions to the agent before something happens."""

from nicegui import ui

from desk.console.access import Visit
from desk.console.elements import action, box, words
from desk.console.findings import show_flag_head
from desk.locale import t
from desk.reviews.replies import REASON_LIMIT
from scripts_library.checking.verdict import Verdict

REASON_MINIMUM = 2


async def ask_for_reason(visit: Visit, verdict: Verdict) -> str | None:
    """Show what the check found and ask why the reply should go out; None if it should not."""
    with visit.client, ui.dialog() as dialog, ui.card().classes("k-dialog"):
        words(t("console.confirm_title"), "k-dialog-title", tag="h2")
        words(t("console.confirm_text"), "k-dialog-text", tag="p")
        for flag in verdict.flags:
            with box("k-finding"):
                show_flag_head(
                    surface=flag.surface,
                    severity=flag.severity.label,
                    category=flag.category,
                    clause=flag.clause,
                    reason=flag.reason,
                )
        reason = ui.input(t("console.confirm_reason"))
        reason.props(f"outlined dense autofocus maxlength={REASON_LIMIT}").classes("w-full")

        def submit() -> None:
            text = (reason.value or "").strip()
            if len(text) < REASON_MINIMUM:
                reason.error = t("console.confirm_reason_missing", minimum=REASON_MINIMUM)
            else:
                dialog.submit(text)

        reason.on("keydown.enter", submit)
        with box("k-dialog-foot"):
            action(t("console.confirm_back"), lambda: dialog.submit(None))
            action(t("console.confirm_send"), submit, look="unelevated color=negative")
    return await _answer(dialog)


async def ask_yes(visit: Visit, *, title: str, question: str) -> bool:
    """Ask whether to go on."""
    with visit.client, ui.dialog() as dialog, ui.card().classes("k-dialog"):
        words(title, "k-dialog-title", tag="h2")
        words(question, "k-dialog-text", tag="p")
        with box("k-dialog-foot"):
            action(t("console.cancel"), lambda: dialog.submit(None))
            action(title, lambda: dialog.submit("yes"), look="unelevated color=primary")
    return await _answer(dialog) is not None


async def _answer(dialog: ui.dialog) -> str | None:
    answer = await dialog
    dialog.delete()
    return answer if isinstance(answer, str) else None
