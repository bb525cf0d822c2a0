"""The keys of the workbench, and the dialog that lists them."""

from nicegui import ui

from desk.console.elements import action, box, words
from desk.locale import t

KEYS = (
    ("?", "help"),
    ("Alt+↓ / Alt+↑", "move"),
    ("J / K", "move_plain"),
    ("Alt+N", "claim_next"),
    ("Alt+C", "claim"),
    ("Alt+R", "reply"),
    ("Ctrl+Enter", "send"),
    ("/", "scripts"),
    ("Alt+1 … Alt+3", "suggestions"),
    ("Tab", "slots"),
    ("Alt+Enter", "adopt"),
    ("Alt+K", "knowledge"),
    ("Alt+L", "search"),
    ("Alt+M", "note"),
    ("Alt+T", "transfer"),
    ("Alt+B", "hand_back"),
    ("Alt+W", "close"),
    ("Alt+U", "unread"),
    ("Esc", "escape"),
)
"""What is pressed, and the name of its text in `workbench.keys`."""


class Shortcuts:
    """A button that opens the list; `?` presses it."""

    def __init__(self) -> None:
        with ui.dialog() as dialog, ui.card().classes("k-dialog is-wide"):
            words(t("workbench.keys_title"), "k-dialog-title", tag="h2")
            with box("k-keys", tag="dl"):
                for keys, name in KEYS:
                    with box("", tag="dt"):
                        words(keys, tag="kbd")
                    words(t(f"workbench.keys.{name}"), tag="dd")
            with box("k-dialog-foot"):
                action(t("workbench.got_it"), dialog.close, look="unelevated color=primary")
        label = t("workbench.keys_button")
        button = action(label, dialog.open, look="flat", icon="keyboard", classes="k-small")
        button.props["data-shortcut"] = "?"
        button.props["title"] = t("workbench.keys_title")
