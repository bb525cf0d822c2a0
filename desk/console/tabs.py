"""A row of tabs. They are made once and only marked: a press on one that is just being drawn anew
would be lost."""

from collections.abc import Callable, Collection, Mapping
from functools import partial

from nicegui import ui
from nicegui.elements.mixins.text_element import TextElement

from desk.console.elements import box, words


class Tabs:
    """Shows which part of a page is open, and how much each holds.

    Args:
        names: what each tab is called, in order.
        on_turn: is called with the tab that is pressed.
    """

    def __init__(
        self,
        names: Mapping[str, str],
        on_turn: Callable[[str], object],
        *,
        classes: str = "k-qa-filters k-tabs",
    ) -> None:
        self._tabs: dict[str, ui.element] = {}
        self._counts: dict[str, TextElement] = {}
        with box(classes).props("role=tablist"):
            for name, text in names.items():
                tab = box("k-tab", tag="button").props("type=button role=tab")
                tab.on("click", partial(on_turn, name))
                with tab:
                    words(text)
                    self._counts[name] = words("", "k-count")
                self._tabs[name] = tab

    def show(
        self, chosen: str, counts: Mapping[str, int] | None = None, *, hot: Collection[str] = ()
    ) -> None:
        """Mark the open tab; a tab without a count shows none, a hot one shows it in red."""
        for name, tab in self._tabs.items():
            tab.props["aria-selected"] = "true" if name == chosen else "false"
            count, number = self._counts[name], (counts or {}).get(name)
            count.visible = number is not None
            count.set_text("" if number is None else str(number))
            if name in hot:
                count.classes("is-hot")
            else:
                count.classes(remove="is-hot")
