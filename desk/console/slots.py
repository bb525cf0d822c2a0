"""Shows a text with what is still to be filled in marked."""

from desk.console.adopting import OPEN_SLOT
from desk.console.elements import box, words


def show_with_slots(text: str) -> None:
    """Add the text; places such as `【请填写：时间】` stand out."""
    with box("k-card-text"):
        position = 0
        for slot in OPEN_SLOT.finditer(text):
            words(text[position : slot.start()])
            words(slot[0], "k-slot")
            position = slot.end()
        words(text[position:])
