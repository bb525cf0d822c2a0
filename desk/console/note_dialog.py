"""The dialog for an internal note, with colleagues named by `@`."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from nicegui import ui

from desk.accounts.models import Staff
from desk.console.access import Visit
from desk.console.elements import action, box, words
from desk.console.pinyin_search import best_fit
from desk.conversations.mentions import colleagues_to_mention, named_in
from desk.locale import t

BEING_NAMED = re.compile(r"[@＠]([\w一-鿿]{0,16})$")
OFFERED = 6


@dataclass(frozen=True, slots=True)
class Note:
    """A note and the ids of those named in it."""

    text: str
    mentions: tuple[int, ...] = ()


def fitting(text: str, colleagues: Sequence[Staff]) -> list[Staff]:
    """Return whom the `@` at the end of a text may mean, by characters or pinyin, best first."""
    found = BEING_NAMED.search(text)
    if found is None:
        return []
    begun = found[1]
    scored = [
        (-best_fit(begun, (one.display_name, one.login)) if begun else -1, place, one)
        for place, one in enumerate(colleagues)
    ]
    return [one for score, _, one in sorted(scored, key=lambda it: it[:2]) if score][:OFFERED]


def named(text: str, name: str) -> str:
    """Return the text with the `@…` at its end completed to a name."""
    return BEING_NAMED.sub(f"@{name} ", text)


async def ask_for_note(visit: Visit) -> Note | None:
    """Ask for a note; None if there is nothing to keep."""
    colleagues: Sequence[Staff] = ()
    with visit.errors_shown():
        colleagues = await visit.read(colleagues_to_mention)
    with visit.client, ui.dialog() as dialog, ui.card().classes("k-dialog"):
        words(t("console.note_title"), "k-dialog-title", tag="h2")
        words(t("workbench.note_hint"), "k-dialog-text", tag="p")
        note = ui.textarea()
        note.props(f'outlined autofocus aria-label="{t("console.note_title")}"')
        note.classes("w-full")
        offers = box("k-to-name").props(f'role=group aria-label="{t("workbench.mention")}"')
        note.on_value_change(lambda: _offer(offers, note, colleagues))
        note.on("keydown.ctrl.enter", lambda: dialog.submit("yes"))
        with box("k-dialog-foot"):
            action(t("console.cancel"), lambda: dialog.submit(None))
            action(
                t("console.note_save"),
                lambda: dialog.submit("yes"),
                look="unelevated color=primary",
            )
    answer = await dialog
    text = (note.value or "").strip()
    dialog.delete()
    if answer is None or not text:
        return None
    names = {one.id: one.display_name for one in colleagues}
    return Note(text, tuple(named_in(text, names)))


def _offer(offers: ui.element, note: ui.textarea, colleagues: Sequence[Staff]) -> None:
    text = note.value or ""
    offers.clear()
    with offers:
        for one in fitting(text, colleagues):

            def take(name: str = one.display_name) -> None:
                note.value = named(note.value or "", name)
                note.run_method("focus")

            role = t(f"console.role_{one.role}")
            label = t("workbench.colleague", name=one.display_name, role=role)
            action(label, take, look="outline", classes="k-small")
