"""What the sections of a ticket's page are built of."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from nicegui import ui

from desk.console.elements import action, box, words


@contextmanager
def panel(title: str, *, name: str, count: int | None = None) -> Iterator[ui.element]:
    """Open a section with a heading; yields the place for its buttons, right of the heading."""
    with box("k-panel", tag="section").props(f"data-section={name}"):
        with box("k-panel-head"):
            words(title, "k-panel-title", tag="h2")
            if count:
                words(str(count), "k-count")
            buttons = box("k-panel-actions")
        yield buttons


def small(
    text: str, on_click: Callable[[], object], *, look: str = "outline color=primary"
) -> ui.button:
    """Add one of a section's buttons."""
    return action(text, on_click, look=look, classes="k-small")


def facts(rows: dict[str, str | None]) -> None:
    """Add a list of names and values; what has no value is left out."""
    with box("k-facts", tag="dl"):
        for name, value in rows.items():
            if value:
                words(name, tag="dt")
                words(value, tag="dd")


def ticket_link(number: str, text: str | None = None) -> None:
    """Add a link to a ticket's page."""
    link = words(text or number, "k-link k-number", tag="a")
    link.props["href"] = f"/desk/tickets/{number}"
