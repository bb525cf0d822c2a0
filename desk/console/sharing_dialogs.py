"""What `/desk/sharing` asks: an application, why it is refused, a passphrase for a file."""

from nicegui import ui

from desk.age import PASSPHRASE_LENGTH
from desk.console.access import Visit
from desk.console.elements import action, box, words
from desk.locale import t
from desk.sharing.fields import FIELDS, PERSONAL
from desk.sharing.service import MOST_DAYS, MOST_DOWNLOADS, TEXT_LIMIT, Application

PRESET = ("number", "kind", "state", "description")


async def ask_application(visit: Visit) -> Application | None:
    """Return what is to be shared, None if the form was closed."""
    with visit.client, ui.dialog() as dialog, ui.card().classes("k-dialog k-sharing-form"):
        words(t("sharing.new"), "k-dialog-title", tag="h2")
        numbers = ui.textarea(t("sharing.form_numbers")).props("outlined dense autogrow autofocus")
        words(t("sharing.form_fields_plain"), "k-dialog-text", tag="p")
        chosen = {**_boxes([one for one in FIELDS if one not in PERSONAL])}
        words(t("sharing.form_fields_personal"), "k-dialog-text", tag="p")
        chosen |= _boxes(PERSONAL)
        recipient = ui.input(t("sharing.form_recipient"))
        reason = ui.input(t("sharing.form_reason"))
        key = ui.input(t("sharing.form_key")).props("outlined dense maxlength=128")
        for field in (recipient, reason):
            field.props(f"outlined dense maxlength={TEXT_LIMIT}")
        with box("k-sharing-row"):
            ending = ui.select(
                {"xlsx": "XLSX", "json": "JSON"}, value="xlsx", label=t("sharing.form_format")
            )
            days = ui.number(t("sharing.form_days"), value=7, min=1, max=MOST_DAYS, precision=0)
            times = ui.number(
                t("sharing.form_downloads"), value=1, min=1, max=MOST_DOWNLOADS, precision=0
            )
            for one in (ending, days, times):
                one.props("outlined dense")
        for wide in (numbers, recipient, reason, key):
            wide.classes("w-full")

        def submit() -> None:
            dialog.submit(
                Application(
                    numbers=(numbers.value or "").replace("，", " ").replace(",", " ").split(),
                    fields=[name for name, one in chosen.items() if one.value],
                    reason=reason.value or "",
                    recipient=recipient.value or "",
                    recipient_key=key.value or None,
                    format=ending.value,
                    days=int(days.value or 0),
                    downloads=int(times.value or 0),
                )
            )

        with box("k-dialog-foot"):
            action(t("console.cancel"), lambda: dialog.submit(None))
            action(t("sharing.form_submit"), submit, look="unelevated color=primary")
    answer = await dialog
    dialog.delete()
    return answer if isinstance(answer, Application) else None


async def ask_note(visit: Visit) -> str | None:
    """Return why an application is refused, None if the dialog was closed."""
    return await _ask(visit, t("sharing.refuse"), t("sharing.refuse_note"))


async def ask_passphrase(visit: Visit) -> str | None:
    """Return a passphrase for a file, None if the dialog was closed."""
    title, hint = t("sharing.download_passphrase"), t("sharing.download_passphrase_hint")
    return await _ask(visit, title, title, hint=hint, is_secret=True)


async def _ask(
    visit: Visit, title: str, label: str, *, hint: str = "", is_secret: bool = False
) -> str | None:
    least = PASSPHRASE_LENGTH if is_secret else 1
    with visit.client, ui.dialog() as dialog, ui.card().classes("k-dialog"):
        words(title, "k-dialog-title", tag="h2")
        if hint:
            words(hint, "k-dialog-text", tag="p")
        field = ui.input(label, password=is_secret, password_toggle_button=is_secret)
        field.props(f"outlined dense autofocus maxlength={TEXT_LIMIT}").classes("w-full")

        def submit() -> None:
            text = field.value or ""
            if len(text.strip()) < least:
                field.error = t("errors.age_passphrase", least=least) if is_secret else label
            else:
                dialog.submit(text)

        field.on("keydown.enter", submit)
        with box("k-dialog-foot"):
            action(t("console.cancel"), lambda: dialog.submit(None))
            action(title, submit, look="unelevated color=primary")
    answer = await dialog
    dialog.delete()
    return answer if isinstance(answer, str) else None


def _boxes(names: list[str] | tuple[str, ...]) -> dict[str, ui.checkbox]:
    with box("k-sharing-fields"):
        return {
            name: ui.checkbox(t(f"sharing.field_{name}"), value=name in PRESET) for name in names
        }
