"""The look of the ticket list and the intake form."""

from desk.console.theme import FOLDER

CSS = (FOLDER / "ticket_list.css").read_text(encoding="utf-8")
