"""Small building blocks of the console. All of them show text as text, never as HTML."""

from collections.abc import Callable
from datetime import datetime, timedelta

from nicegui import ui
from nicegui.elements.mixins.text_element import TextElement

from desk.clock import to_local
from desk.locale import t


def words(text: str, classes: str = "", *, tag: str = "span") -> TextElement:
    """Add an element of the given tag that holds a text."""
    element = TextElement(tag=tag, text=text)
    element.classes(classes)
    return element


def box(classes: str = "", *, tag: str = "div") -> ui.element:
    """Add an empty element, for use in a `with` statement."""
    return ui.element(tag).classes(classes)


def action(
    text: str,
    on_click: Callable[[], object],
    *,
    look: str = "flat",
    icon: str | None = None,
    classes: str = "",
) -> ui.button:
    """Add a button; `look` are Quasar props such as `flat`, `outline` or `unelevated`."""
    button = ui.button(text, icon=icon, on_click=lambda _: on_click())
    return button.props(f"no-caps dense {look}").classes(f"k-button {classes}")


def moment(instant: datetime, now: datetime) -> str:
    """Return a time for people: `14:05` today, otherwise `11月22日 14:05`."""
    local, today = to_local(instant), to_local(now).date()
    if local.date() == today:
        return f"{local:%H:%M}"
    return f"{local.month}月{local.day}日 {local:%H:%M}"


def waiting_text(since: datetime, now: datetime) -> str:
    """Return how long somebody has waited, in words."""
    minutes = max(0, int((now - since) / timedelta(minutes=1)))
    if minutes == 0:
        return t("console.waiting_now")
    if minutes < 60:
        return t("console.waiting_minutes", minutes=minutes)
    return t("console.waiting_hours", hours=minutes // 60, minutes=minutes % 60)


def customer_name(conversation_id: str) -> str:
    """Return what a customer without a name is called: the beginning of the conversation's id."""
    return t("console.customer", code=conversation_id[:4].upper())
