"""The row of views above the ticket list: those everybody has, one's own and the shared ones."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from nicegui import ui
from sqlalchemy.orm import Session

from desk.accounts.models import Role, Staff
from desk.accounts.service import has_role
from desk.console.access import Visit
from desk.console.choosing import as_choice, hear_choices
from desk.console.confirming import ask_yes
from desk.console.elements import action, box, words
from desk.console.ticket_list_query import OWN_VIEWS, ListQuery, own_view
from desk.locale import t
from desk.tickets import saved_views
from desk.tickets.filters import TicketFilter


@dataclass(frozen=True, slots=True)
class View:
    """A saved view as the page shows it."""

    id: int
    name: str
    wanted: TicketFilter
    is_own: bool
    may_delete: bool


def read_views(session: Session, staff: Staff) -> list[View]:
    """Return the saved views that somebody sees; one that no longer can be read is left out."""
    return [
        View(
            view.id,
            view.name,
            saved_views.filter_of(view),
            view.staff_id == staff.id,
            saved_views.may_delete(staff, view),
        )
        for view in saved_views.list_views(session, staff)
    ]


class Views:
    """Shows the views and tells which one was chosen."""

    def __init__(
        self,
        visit: Visit,
        *,
        on_choose: Callable[[ListQuery], object],
        current: Callable[[], ListQuery],
    ) -> None:
        self._visit = visit
        self._on_choose, self._current = on_choose, current
        self._views: Sequence[View] = ()
        self._shown: dict[str, ListQuery] = {}
        with box("k-tickets-views", tag="nav").props(
            f'aria-label="{t("tickets_page.views_label")}"'
        ):
            self._place = box("k-tickets-view-list")
            hear_choices(self._place, "view", self._choose)
            action(t("tickets_page.save_view"), self._save, icon="bookmark_add", classes="k-small")

    def find(self, view_id: int) -> View | None:
        """Return a view that is shown."""
        return next((view for view in self._views if view.id == view_id), None)

    async def refresh(self) -> None:
        """Read the saved views again."""
        self._views = await self._visit.read(read_views)

    def draw(self) -> None:
        """Show the views; the one that stands on the page is marked."""
        query, staff = self._current(), self._visit.staff
        self._place.clear()
        self._shown.clear()
        with self._place:
            for name in OWN_VIEWS:
                view = own_view(name, staff)
                self._shown[name] = view
                _button(name, t(f"tickets_page.view_{name}"), is_chosen=view == query)
            for saved in self._views:
                self._saved(saved, is_chosen=saved.id == query.view_id)

    def _choose(self, name: str) -> None:
        if name in self._shown:
            self._on_choose(self._shown[name])

    def _saved(self, view: View, *, is_chosen: bool) -> None:
        name = str(view.id)
        self._shown[name] = ListQuery(view.wanted, self._current().order, view.id)
        with box("k-view-saved"):
            button = _button(name, view.name, is_chosen=is_chosen)
            if not view.is_own:
                button.props["title"] = t("tickets_page.view_shared_by_others")
            if is_chosen and view.may_delete:
                label = t("tickets_page.view_delete", name=view.name)
                bin_ = action("", lambda: self._delete(view), icon="close", classes="k-small")
                bin_.props["aria-label"] = bin_.props["title"] = label

    async def _save(self) -> None:
        answer = await _ask_name(self._visit)
        if answer is None:
            return
        (name, is_shared), query = answer, self._current()
        with self._visit.errors_shown():
            view_id = await self._visit.write(
                lambda session, staff: (
                    saved_views.save_view(
                        session, staff, name, query.wanted, is_shared=is_shared
                    ).id
                )
            )
            self._visit.tell(t("tickets_page.view_saved", name=name))
            await self.refresh()
            self._on_choose(ListQuery(query.wanted, query.order, view_id))

    async def _delete(self, view: View) -> None:
        title = t("tickets_page.view_delete", name=view.name)
        question = t("tickets_page.view_delete_question", name=view.name)
        if not await ask_yes(self._visit, title=title, question=question):
            return
        with self._visit.errors_shown():
            await self._visit.write(
                lambda session, staff: saved_views.delete_view(session, staff, view.id)
            )
            self._visit.tell(t("tickets_page.view_deleted", name=view.name))
            await self.refresh()
            self._on_choose(ListQuery(view.wanted, self._current().order))


def _button(name: str, text: str, *, is_chosen: bool) -> ui.element:
    button = words(text, "k-view", tag="button")
    button.props(f"type=button aria-pressed={str(is_chosen).lower()}")
    return as_choice(button, "view", name)


async def _ask_name(visit: Visit) -> tuple[str, bool] | None:
    with visit.client, ui.dialog() as dialog, ui.card().classes("k-dialog"):
        words(t("tickets_page.save_view_title"), "k-dialog-title", tag="h2")
        words(t("tickets_page.save_view_hint"), "k-dialog-text", tag="p")
        name = ui.input(t("tickets_page.view_name"))
        name.props(f"outlined dense autofocus maxlength={saved_views.NAME_LIMIT}").classes("w-full")
        share = ui.checkbox(t("tickets_page.view_share"))
        share.set_visibility(has_role(visit.staff, Role.SUPERVISOR))

        def submit() -> None:
            dialog.submit(((name.value or "").strip(), bool(share.value)))

        name.on("keydown.enter", submit)
        with box("k-dialog-foot"):
            action(t("console.cancel"), lambda: dialog.submit(None))
            action(t("tickets_page.save_view"), submit, look="unelevated color=primary")
    answer = await dialog
    dialog.delete()
    return answer if isinstance(answer, tuple) else None
