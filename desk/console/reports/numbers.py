"""Numbers as links to their rows."""

from desk.console.elements import words
from desk.locale import t
from desk.reports.model import Number
from desk.reports.view import value_text


def show_number(number: Number, *, name: str, look: str = "k-num") -> None:
    """Add a value; where there are rows, as a link that opens them. `name` says of what."""
    text = value_text(number)
    if number.value is None or number.rows is None:
        words(text, look)
        return
    link = words(text, f"{look} k-num-link", tag="a")
    link.props["href"] = number.rows.url
    link.props["aria-label"] = t("report.open_rows", name=name, value=text)
