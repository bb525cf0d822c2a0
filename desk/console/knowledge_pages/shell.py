"""What the knowledge pages share: the frame with its links, dialogs, downloads."""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from nicegui import ui

from desk.console.access import Visit, may_open
from desk.console.elements import action, box, words
from desk.console.qa_shell import CSS as QA_CSS
from desk.console.theme import frame
from desk.knowledge.exporting import File
from desk.knowledge.listing import EDIT_ROLES, READ_ROLES
from desk.locale import t

CSS = Path(__file__).with_name("knowledge.css").read_text(encoding="utf-8")
PAGES = {
    "homes": ("/desk/knowledge", READ_ROLES),
    "products": ("/desk/knowledge/products", READ_ROLES),
    "orders": ("/desk/knowledge/orders", READ_ROLES),
    "faq": ("/desk/knowledge/faq", READ_ROLES),
    "unanswered": ("/desk/knowledge/unanswered", EDIT_ROLES),
    "examples": ("/desk/knowledge/examples", EDIT_ROLES),
    "import": ("/desk/knowledge/import", EDIT_ROLES),
}

MEDIA = "application/octet-stream"
Then = Callable[[], Awaitable[None]]


@contextmanager
def knowledge_frame(visit: Visit, page: str) -> Iterator[None]:
    """Build the bar and the links between these pages; the page goes inside."""
    ui.add_css(QA_CSS + CSS)
    with frame(visit, active="knowledge"), box("k-qa-page k-knowledge", tag="main"):
        words(t("knowledge.title"), "k-hidden-title", tag="h1")
        with box("k-qa-nav", tag="nav").props(f'aria-label="{t("knowledge.nav")}"'):
            for name, (path, roles) in PAGES.items():
                if may_open(visit.staff, roles):
                    link = words(t(f"knowledge.nav_{name}"), tag="a").props(f"href={path}")
                    if name == page:
                        link.props("aria-current=page")
        yield


def keep(visit: Visit, file: File) -> None:
    """Give the browser a file to keep."""
    with visit.client:
        ui.download.content(file.content, file.name, MEDIA)


class Pager:
    """The foot of a list: how many, and the pages before and after."""

    def __init__(self, size: int, on_turn: Callable[[], Awaitable[None]]) -> None:
        self.size, self.page = size, 0
        self._on_turn = on_turn
        self._foot = box("k-qa-foot")

    @property
    def offset(self) -> int:
        """How many rows stand before this page."""
        return self.page * self.size

    def show(self, total: int) -> None:
        """Draw the foot for so many rows on all pages."""
        pages = max(1, -(-total // self.size))
        self._foot.clear()
        with self._foot:
            words(t("knowledge.count", total=total, page=self.page + 1, pages=pages))
            with box("k-head-actions"):
                for name, by, is_open in (
                    ("previous", -1, self.page > 0),
                    ("next", 1, self.page + 1 < pages),
                ):
                    label = t(f"knowledge.{name}")
                    turn = action(label, lambda by=by: self._turn(by), look="outline")  # type: ignore[misc]
                    turn.classes("k-small").set_enabled(is_open)

    async def _turn(self, by: int) -> None:
        self.page += by
        await self._on_turn()
