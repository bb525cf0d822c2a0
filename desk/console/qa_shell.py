"""What QA's pages share: the frame with its links, the keys, and how two wordings differ."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path

from nicegui import ui
from nicegui.events import KeyEventArguments

from desk.clock import utc_now
from desk.console.access import Visit
from desk.console.elements import action, box, words
from desk.console.theme import frame
from desk.console.transcript import show_message
from desk.conversations.models import Message
from desk.locale import t

CSS = Path(__file__).with_name("qa.css").read_text(encoding="utf-8")
PAGES = {
    "flags": "/desk/qa",
    "second": "/desk/qa/second",
    "samples": "/desk/qa/samples",
    "scorecards": "/desk/qa/scorecards",
    "appeals": "/desk/qa/appeals",
    "rules": "/desk/rules",
    "scripts": "/desk/scripts",
}

Handler = Callable[[], Awaitable[None]]


@contextmanager
def qa_frame(visit: Visit, page: str, keys: "Keys | None" = None) -> Iterator[None]:
    """Build the bar and QA's links; the page goes inside."""
    ui.add_css(CSS)
    with frame(visit, active="qa"), box("k-qa-page", tag="main"):
        with box("k-qa-nav", tag="nav").props(f'aria-label="{t("quality.nav")}"'):
            for name, path in PAGES.items():
                link = words(t(f"quality.nav_{name}"), tag="a").props(f"href={path}")
                if name == page:
                    link.props("aria-current=page")
            if keys is not None:
                help_button = action("", keys.explain, icon="keyboard", look="flat")
                help_button.props(f'aria-label="{t("quality.keys")}" data-shortcut="?"')
                help_button.tooltip(t("quality.keys"))
        yield


class Keys:
    """The page's keys, outside of fields: key -> (what it does in words, what is done).

    One at a time, in the order pressed; `?` explains them all.
    """

    def __init__(self, keys: Mapping[str, tuple[str, Handler]]) -> None:
        self._keys = keys
        self._lock = asyncio.Lock()
        ui.keyboard(on_key=self._pressed, repeating=False, ignore=["input", "select", "textarea"])

    def explain(self) -> None:
        """Show the keys and what they do."""
        with ui.dialog() as dialog, ui.card().classes("k-dialog"):
            words(t("quality.keys"), "k-dialog-title", tag="h2")
            with box("k-keys", tag="dl"):
                for key, (text, _) in self._keys.items():
                    with box(tag="dt"):
                        words(key, "k-key", tag="kbd")
                    words(text, tag="dd")
            with box("k-dialog-foot"):
                action(t("quality.close"), dialog.close, look="unelevated color=primary")
        dialog.on("hide", dialog.delete)
        dialog.open()

    async def _pressed(self, event: KeyEventArguments) -> None:
        held = event.modifiers
        if not event.action.keydown or held.ctrl or held.alt or held.meta:
            return
        if event.key.name == "?":
            self.explain()
            return
        found = self._keys.get(event.key.name)
        if found:
            async with self._lock:
                await found[1]()


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of one wording; `is_changed`: the other wording has it not."""

    text: str
    is_changed: bool


def compare(old: str, new: str) -> tuple[list[Piece], list[Piece]]:
    """Return both wordings in pieces; joined together each is the wording again."""
    before, after = [], []
    for kind, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if a < b:
            before.append(Piece(old[a:b], kind != "equal"))
        if c < d:
            after.append(Piece(new[c:d], kind != "equal"))
    return before, after


def show_versions(old_name: str, old: str, new_name: str, new: str) -> None:
    """Add both wordings, what was taken out and what came in marked."""
    before, after = compare(old, new)
    for name, pieces, mark, tag in (
        (old_name, before, "k-gone", "del"),
        (new_name, after, "k-came", "ins"),
    ):
        with box("k-version"):
            words(name, "k-version-name")
            for piece in pieces:
                if piece.is_changed:
                    words(piece.text, mark, tag=tag)
                else:
                    words(piece.text)


def show_context(messages: Sequence[Message], *, marked: int | None = None) -> None:
    """Add the talk around a reply; `marked` is the id of the message in question."""
    words(t("qa.context"), "k-title", tag="h2")
    with box("k-log"):
        for message in messages:
            is_it = marked is not None and message.id == marked
            show_message(message, utc_now(), is_marked=is_it)
