"""Forms in a dialog: they stay open, with what was typed, until the work is done."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from nicegui import ui

from desk.clock import LOCAL_ZONE, to_local
from desk.console.access import Visit
from desk.console.elements import action, box, words
from desk.errors import DeskError, InvalidInput, NotLoggedIn
from desk.locale import t

Values = dict[str, str]
Work = Callable[[Values], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Field:
    """Something to fill in. `options` are the choices, value to label; `presets` are texts that
    may be put into the field, label to text."""

    name: str
    label: str
    kind: Literal["line", "lines", "choice", "moment"] = "lines"
    value: str = ""
    options: Mapping[str, str] | None = None
    presets: Mapping[str, str] | None = None
    is_required: bool = True
    limit: int = 2000


async def fill_in(
    visit: Visit,
    *,
    title: str,
    fields: Sequence[Field],
    submit: str,
    work: Work,
    hint: str = "",
    look: str = "unelevated color=primary",
) -> bool:
    """Ask for the fields and do the work with them; tells whether it was done.

    Errors of the desk are shown in the dialog, which stays open.
    """
    with visit.client, ui.dialog().props("persistent") as dialog, ui.card().classes("k-dialog"):
        words(title, "k-dialog-title", tag="h2")
        if hint:
            words(hint, "k-dialog-text", tag="p")
        inputs = {field.name: _input(field) for field in fields}
        problem = words("", "k-dialog-problem", tag="p").props("role=alert")
        problem.visible = False

        async def do() -> None:
            missing = _missing(fields, inputs)
            for field in missing:
                inputs[field.name].error = t("ticket_page.fill_in")
            if missing:
                return
            button.disable()
            try:
                await work({name: str(one.value or "").strip() for name, one in inputs.items()})
            except NotLoggedIn:
                dialog.submit("over")
            except DeskError as error:
                problem.set_text(t(error.key, **error.details))
                problem.visible = True
                button.enable()
            else:
                dialog.submit("done")

        with box("k-dialog-foot"):
            action(t("console.cancel"), lambda: dialog.submit(None))
            button = action(submit, do, look=look)
    outcome = await dialog
    dialog.delete()
    if outcome == "over":
        with visit.errors_shown():
            raise NotLoggedIn("errors.not_logged_in")
    return bool(outcome == "done")


def moment_field(name: str, label: str, value: datetime, **more: Any) -> Field:
    """Return a field for a time on the company's clock."""
    return Field(name, label, "moment", value=f"{to_local(value):%Y-%m-%dT%H:%M}", **more)


def read_moment(text: str) -> datetime:
    """Return the instant of a `moment` field.

    Raises:
        InvalidInput: it is no time that exists.
    """
    try:
        return datetime.fromisoformat(text).replace(tzinfo=LOCAL_ZONE)
    except ValueError as error:
        raise InvalidInput("errors.time_invalid") from error


def _missing(fields: Sequence[Field], inputs: Mapping[str, Any]) -> list[Field]:
    needed = [field for field in fields if field.is_required]
    return [field for field in needed if not str(inputs[field.name].value or "").strip()]


def _input(field: Field) -> Any:
    if field.kind == "choice":
        element: Any = ui.select(dict(field.options or {}), label=field.label)
        element.value = field.value or None
        return element.props("outlined dense options-dense behavior=menu").classes("w-full")
    if field.kind == "lines":
        element = ui.textarea(field.label, value=field.value)
        element.props(f"outlined autogrow maxlength={field.limit}").classes("w-full k-lines")
    else:
        element = ui.input(field.label, value=field.value)
        element.props(f"outlined dense maxlength={field.limit}").classes("w-full")
        if field.kind == "moment":
            element.props("type=datetime-local stack-label")
    if field.presets:
        _offer(field.presets, element)
    return element


def _offer(presets: Mapping[str, str], element: Any) -> None:
    with box("k-presets"):
        words(t("ticket_page.presets"), "k-cell-sub")
        for label, text in presets.items():
            action(
                label,
                lambda text=text: element.set_value(text),  # type: ignore[misc]
                look="outline color=primary",
                classes="k-small",
            )
