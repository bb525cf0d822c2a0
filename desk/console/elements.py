"""Small building blocks of the console. All of them show text as text, never as HTML."""

from collections.abc import Callable
from datetime import datetime

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


def detail_panel() -> ui.element:
    """Add the column beside a list that shows what is chosen; it scrolls, by the keyboard too."""
    return box("k-qa-detail", tag="aside").props("tabindex=0")


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


# Quasar's own head counts bytes and has a link without a name.
UPLOAD_HEAD = """
<div class="k-upload-head">
  <span>{hint}</span>
  <q-btn v-if="props.canAddFiles" no-caps dense outline icon="add" label="{choose}"
    type="button" class="k-button k-small" @click="props.pickFiles" />
  <span hidden><q-uploader-add-trigger /></span>
</div>
"""


def name_upload(upload: ui.upload, hint: str) -> None:
    """Give a field for files a head that says what may be chosen, and a button with a name."""
    upload.classes("k-upload")
    upload.add_slot("header", UPLOAD_HEAD.format(hint=hint, choose=t("console.choose_file")))


def moment(instant: datetime, now: datetime) -> str:
    """Return a time for people: `14:05` today, otherwise `11月22日 14:05`."""
    local, today = to_local(instant), to_local(now).date()
    if local.date() == today:
        return f"{local:%H:%M}"
    return f"{local.month}月{local.day}日 {local:%H:%M}"


def customer_name(conversation_id: str) -> str:
    """Return what a customer without a name is called: the beginning of the conversation's id."""
    return t("console.customer", code=conversation_id[:4].upper())


def nothing(title: str, hint: str = "", *, classes: str = "", has_help: bool = True) -> ui.element:
    """Add the words of an empty place: what it is, what to do, and the way to the page's help.

    Args:
        has_help: False for a place beside another empty one.
    """
    with box(f"k-nothing {classes}") as place:
        words(title, "k-nothing-title", tag="div")
        if hint:
            words(hint, tag="div")
        if has_help:
            help_link()
    return place


def empty(text: str) -> None:
    """Add the line of an empty list, with the way to the page's help."""
    with box("k-empty"):
        words(text)
        help_link()


def help_link() -> None:
    """Add a link to the section of the help that tells of this page."""
    page = ui.context.client.page.path.partition("/{")[0]
    words(t("help.how"), "k-help-link", tag="a").props(f"href=/desk/help?on={page}")
