"""The switch in the bar at the top: available, or away and why."""

from functools import partial
from pathlib import Path

from nicegui import ui
from sqlalchemy.orm import Session

from desk.accounts.models import Staff
from desk.console.access import Visit
from desk.console.elements import box, words
from desk.console.live import Listener, Refresher
from desk.fanout import PRESENCE_CHANNEL, Event
from desk.locale import t
from desk.routing.connections import connections
from desk.routing.presence import Presence, Standing, arrive, presence_of, set_presence
from desk.routing.settings import current_settings

CSS = (Path(__file__).parent / "presence.css").read_text(encoding="utf-8")


class PresenceSwitch:
    """Shows how its owner stands and lets them change it; its page counts as a sign of life."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self._standing: Standing | None = None
        ui.add_css(CSS)
        with box("k-presence", tag="button").props("type=button aria-haspopup=menu") as self._place:
            self._dot = box("k-dot").props("aria-hidden=true")
            self._text = words("", "k-presence-text")
            with ui.menu().props("anchor='bottom right' self='top right'") as self._menu:
                self._draw_menu()
        self._show(Standing(Presence.OFFLINE))
        client = visit.client
        self._refresher = Refresher(client, self._refresh)
        self._listener = Listener(visit.desk.fanout, client, self._hear)
        self._listener.listen_to(PRESENCE_CHANNEL)
        connections.add(client.id, visit.staff.id, lambda: client.has_socket_connection)
        client.on_connect(self._arrive)
        client.on_delete(lambda: connections.remove(client.id))

    def _draw_menu(self) -> None:
        with box("k-presence-menu"):
            self._choice(Presence.AVAILABLE, None, t("routing.go_available"))
            for reason in current_settings().away_reasons or (None,):
                label = (
                    t("routing.go_away", reason=reason) if reason else t("routing.go_away_plain")
                )
                self._choice(Presence.AWAY, reason, label)
            words(t("routing.presence_hint"), "k-cell-sub", tag="p")

    def _choice(self, presence: Presence, reason: str | None, label: str) -> None:
        entry = box("k-presence-choice", tag="button").props("type=button")
        with entry:
            box(f"k-dot is-{presence}").props("aria-hidden=true")
            words(label)
        entry.on("click", partial(self._choose, presence, reason))

    async def _choose(self, presence: Presence, reason: str | None) -> None:
        def work(session: Session, staff: Staff) -> Standing:
            return set_presence(session, staff, presence, reason=reason)

        self._menu.close()
        with self._visit.errors_shown():
            self._show(await self._visit.write(work))
            await self._announce()

    async def _arrive(self) -> None:
        with self._visit.errors_shown():
            before = await self._visit.read(presence_of)
            standing = await self._visit.write(arrive)
            self._show(standing)
            if before.presence != standing.presence:
                await self._announce()

    async def _refresh(self) -> None:
        with self._visit.errors_shown():
            self._show(await self._visit.read(presence_of))

    async def _announce(self) -> None:
        event = {"type": "presence", "staff_id": self._visit.staff.id}
        await self._visit.desk.fanout.publish(PRESENCE_CHANNEL, event)

    def _hear(self, event: Event) -> None:
        if event.get("type") == "resync" or event.get("staff_id") == self._visit.staff.id:
            self._refresher.request()

    def _show(self, standing: Standing) -> None:
        if standing == self._standing or self._place.is_deleted:
            return
        self._standing = standing
        text = standing_text(standing)
        self._text.set_text(text)
        self._dot.classes(replace=f"k-dot is-{standing.presence}")
        label = t("routing.presence_label", state=text)
        self._place.props(f'aria-label="{label}" title="{t("routing.presence_menu")}"')


def standing_text(standing: Standing) -> str:
    """Return how somebody stands, in words."""
    if standing.presence == Presence.AWAY and standing.reason:
        return t("routing.away_with", reason=standing.reason)
    return t(f"routing.presence_{standing.presence}")
