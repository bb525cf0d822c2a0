"""Gives waiting conversations out in a running desk, and tells those concerned."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import structlog
from sqlalchemy.orm import Session

from desk.clock import utc_now
from desk.fanout import NOTICE_CHANNEL, OFFER_CHANNEL, Fanout
from desk.routing.absent import has_left, put_back_conversations
from desk.routing.calling_back import call_back_instead, is_hopeless
from desk.routing.offering import claim_waiting, expire, has_work, offer_out, read_floor
from desk.routing.settings import current_settings

if TYPE_CHECKING:
    from desk.app import Desk

log = structlog.get_logger(__name__)
EVERY_S = 1.0
PUT_BACK_EVERY_S = 15.0
GIVEN_UP_AT_ONCE = 10
"""So many conversations become call-backs in one transaction (about 40 ms each): in between others
may write."""


@dataclass(frozen=True, slots=True)
class Round:
    """What one round did.

    Attributes:
        asked: whose offers began or ended.
        given_up: ids of conversations that left the queue for a call-back.
        is_more: more of them have waited too long; another round gives them up.
    """

    asked: frozenset[int] = frozenset()
    given_up: tuple[str, ...] = ()
    is_more: bool = False


def do_round(session: Session, now: datetime | None = None) -> Round:
    """Close offers that are over, give up what has waited too long (a batch of it), and offer the
    rest."""
    now = now or utc_now()
    floor = read_floor(session, now=now)
    matters = claim_waiting(session, floor, now)
    concerned = expire(session, matters, floor, now)
    hopeless = [one for one in matters if is_hopeless(one, floor, now)]
    batch = sorted(hopeless, key=lambda one: one.waiting.queued_at)[:GIVEN_UP_AT_ONCE]
    given_up = [one.waiting.id for one in batch if call_back_instead(session, one, now=now)]
    lost = {one.waiting.id for one in hopeless}
    if current_settings().is_auto:
        still_open = {
            one.waiting.id
            for one in matters
            if one.open_offer
            and one.open_offer.expires_at > now
            and one.open_offer.staff_id in floor.there
        }
        to_offer = [one for one in matters if one.waiting.id not in still_open | lost]
        concerned |= set(offer_out(session, to_offer, floor, now).values())
    concerned |= {one.open_offer.staff_id for one in batch if one.open_offer}
    # Without progress the next look comes with the next round.
    is_more = bool(given_up) and len(hopeless) > len(batch)
    return Round(frozenset(concerned), tuple(given_up), is_more)


async def give_out(desk: "Desk") -> None:
    """Do rounds, if there is anything to do, until nobody has waited too long."""
    is_more = await desk.database.look(has_work)
    while is_more:
        done = await desk.database.run(do_round)
        for conversation_id in done.given_up:
            await desk.gateway.announce_queue(conversation_id)
        await tell_asked(desk.fanout, done.asked)
        if done.given_up:
            log.info("routing.call_back", conversations=len(done.given_up))
        is_more = done.is_more


async def put_back_left(desk: "Desk") -> None:
    """Put conversations back in the queue whose agents are gone while their customers wait."""
    if not await desk.database.look(has_left):
        return
    moved = await desk.database.run(put_back_conversations)
    for conversation_id in moved:
        await desk.gateway.announce_queue(conversation_id)
    if moved:
        await desk.fanout.publish(NOTICE_CHANNEL, {"type": "notices"})
        log.info("routing.put_back", conversations=len(moved))


async def tell_asked(fanout: Fanout, staff_ids: frozenset[int]) -> None:
    """Tell these people's pages that their offers changed."""
    if staff_ids:
        await fanout.publish(OFFER_CHANNEL, {"type": "offers", "staff_ids": sorted(staff_ids)})
