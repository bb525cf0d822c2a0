"""Choosing an entry of a list that is drawn anew while people click on it.

The place hears the presses, not its entries: the browser shows an entry a little longer than the
desk knows it, and a press on one that the desk has just replaced would be lost.
"""

from collections.abc import Callable

from nicegui import ui

# Buttons make a click of Enter by themselves; rows of a table don't.
PRESSED = """(event) => {
    const entry = event.target.closest("[data-%s]");
    if (!entry) return;
    const isEnter = event.key === "Enter" && event.target === entry && entry.tagName !== "BUTTON";
    if (event.type === "click" || isEnter) emit(entry.getAttribute("data-%s"));
}"""


def hear_choices(place: ui.element, kind: str, on_choose: Callable[[str], object]) -> None:
    """Call `on_choose` with the name of the entry of this kind that is clicked, or that has Enter
    pressed on it, anywhere in the place; what is drawn there later counts too.

    The entry may have gone from the list by then: whoever is told looks whether it is still there.
    """
    script = PRESSED % (kind, kind)
    for press in ("click", "keydown"):
        place.on(press, lambda event: on_choose(event.args), js_handler=script)


def as_choice(entry: ui.element, kind: str, name: object) -> ui.element:
    """Make an element an entry that can be chosen by this name; return it."""
    entry.props[f"data-{kind}"] = str(name)
    return entry
