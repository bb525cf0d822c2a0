"""What is offered to whoever looks at a page of the console: take it, or leave it to others."""

import json
from collections.abc import Sequence
from functools import partial

from nicegui import ui
from nicegui.elements.mixins.text_element import TextElement
from sqlalchemy.orm import Session

from desk.accounts.models import Staff
from desk.clock import utc_now
from desk.console.access import Visit
from desk.console.elements import action, box, customer_name, words
from desk.console.live import Listener, Refresher
from desk.conversations import repository
from desk.conversations.domain import preview
from desk.fanout import DESK_CHANNEL, OFFER_CHANNEL, Event
from desk.locale import t
from desk.routing.models import Offer
from desk.routing.offering import offers_to

Shown = tuple[int, str, bool, str]
"""Id of the offer and of the conversation, whether it is urgent, and the customer's last text."""


class Offers:
    """A line below the page for each offer, with the seconds that are left. It covers nothing: the
    page above grows shorter."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self._shown: dict[int, str] = {}
        self._left: dict[int, float] = {}
        self._place = box("k-offers", tag="aside")
        self._place.props(f'aria-live=assertive aria-label="{t("routing.offers")}"')
        self._clock = ui.timer(1.0, self._tick, active=False)
        self._labels: dict[int, TextElement] = {}
        self._refresher = Refresher(visit.client, self._refresh)
        self._offer_events = Listener(visit.desk.fanout, visit.client, self._hear_offers)
        self._offer_events.listen_to(OFFER_CHANNEL)
        self._desk_events = Listener(visit.desk.fanout, visit.client, self._hear_desk)
        self._desk_events.listen_to(DESK_CHANNEL)
        self._refresher.request()

    def _hear_offers(self, event: Event) -> None:
        if event.get("type") == "resync" or self._visit.staff.id in event.get("staff_ids", ()):
            self._refresher.request()

    def _hear_desk(self, event: Event) -> None:
        # Somebody else took what is offered here.
        if event.get("conversation_id") in self._shown.values():
            self._refresher.request()

    async def _refresh(self) -> None:
        with self._visit.errors_shown():
            found = await self._visit.read(_read)
            if not self._place.is_deleted:
                self._draw(found)

    def _draw(self, found: Sequence[tuple[Offer, bool, str]]) -> None:
        self._place.clear()
        self._labels.clear()
        now = utc_now()
        for offer, is_urgent, _ in found:
            if offer.id not in self._shown:
                self._ring(offer.conversation_id, is_urgent=is_urgent)
        self._shown = {offer.id: offer.conversation_id for offer, _, _ in found}
        self._left = {offer.id: (offer.expires_at - now).total_seconds() for offer, _, _ in found}
        with self._place:
            for offer, is_urgent, text in found:
                self._card(offer, is_urgent=is_urgent, text=text)
        self._clock.active = bool(found)

    def _card(self, offer: Offer, *, is_urgent: bool, text: str) -> None:
        with box(f"k-offer {'is-urgent' if is_urgent else ''}").props(f"data-offer={offer.id}"):
            words(_title(offer.conversation_id, is_urgent=is_urgent), "k-offer-title")
            said = text or t("console.no_text_yet")
            words(said, "k-offer-text").props["title"] = said
            self._labels[offer.id] = words(self._left_text(offer.id), "k-offer-left")
            with box("k-offer-foot"):
                action(t("routing.decline"), partial(self._decline, offer.id))
                action(
                    t("routing.accept"),
                    partial(self._accept, offer.id, offer.conversation_id),
                    look="unelevated color=primary",
                    icon="headset_mic",
                )

    def _ring(self, conversation_id: str, *, is_urgent: bool) -> None:
        """Sound and notify where the workbench's script is; nothing of what the customer wrote."""
        body = _title(conversation_id, is_urgent=is_urgent)
        values = (t("console.title"), body, conversation_id)
        arguments = ", ".join(json.dumps(value, ensure_ascii=False) for value in values)
        with self._visit.client:
            ui.run_javascript(f"window.kefuDesk?.alert({arguments})")

    def _left_text(self, offer_id: int) -> str:
        return t("routing.seconds_left", n=max(0, round(self._left[offer_id])))

    def _tick(self) -> None:
        for offer_id, label in self._labels.items():
            self._left[offer_id] -= 1
            label.set_text(self._left_text(offer_id))
        if any(left <= 0 for left in self._left.values()):
            self._refresher.request()

    async def _accept(self, offer_id: int, conversation_id: str) -> None:
        with self._visit.errors_shown():
            staff = await self._visit.staff_now()
            await self._visit.desk.gateway.accept_offer(staff, offer_id)
            ui.navigate.to(f"/desk?conversation={conversation_id}")
        self._refresher.request()

    async def _decline(self, offer_id: int) -> None:
        with self._visit.errors_shown():
            staff = await self._visit.staff_now()
            await self._visit.desk.gateway.decline_offer(staff, offer_id)
        self._refresher.request()


def _title(conversation_id: str, *, is_urgent: bool) -> str:
    key = "routing.offer_urgent" if is_urgent else "routing.offer"
    return t(key, customer=customer_name(conversation_id))


def _read(session: Session, staff: Staff) -> list[tuple[Offer, bool, str]]:
    offers = offers_to(session, staff)
    texts = repository.last_customer_texts(session, [one.conversation_id for one in offers])
    return [
        (
            one,
            repository.by_id(session, one.conversation_id).is_urgent,
            preview(texts.get(one.conversation_id, "")),
        )
        for one in offers
    ]
