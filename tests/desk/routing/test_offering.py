"""Offers on real databases: made, accepted, declined, run out, raced for, given up."""

import threading
from datetime import timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import func, select

from desk.conversations import service as conversations
from desk.conversations.models import Mode, QueueWait
from desk.database import Database
from desk.errors import Conflict, NotFound
from desk.routing import running
from desk.routing.models import Offer, Outcome
from desk.routing.offering import accept, decline, offers_to
from desk.routing.presence import Presence, arrive, standings
from desk.routing.running import do_round, give_out
from desk.routing.settings import RoutingSettings, use_settings
from desk.tickets.models import Ticket
from desk.tickets.service import tickets_of_conversation
from tests.desk.routing.conftest import EVENING


def offers(floor, staff):
    with floor.database.reading() as session:
        return offers_to(session, staff, now=floor.now)


def outcomes(floor):
    with floor.database.reading() as session:
        return [one.outcome for one in session.scalars(select(Offer).order_by(Offer.id))]


def test_an_offer_is_accepted_and_the_conversation_is_theirs(floor):
    agent, waiting = floor.agent(), floor.waits("电梯坏了")
    assert floor.round().asked == {agent.id}
    (offer,) = offers(floor, agent)
    with floor.database.transaction() as session:
        taken = accept(session, agent, offer.id, now=floor.now)
    assert (taken.id, taken.mode, taken.assigned_to_id) == (waiting.id, Mode.AGENT, agent.id)
    assert outcomes(floor) == [Outcome.ACCEPTED]
    with floor.database.transaction() as session:
        assert accept(session, agent, offer.id, now=floor.now).id == waiting.id, "a double click"


def test_not_accepted_goes_to_the_next_and_round_again(floor):
    first, second = floor.agent(), floor.agent()
    floor.waits()
    assert floor.round().asked == {first.id}
    assert floor.round(10).asked == set(), "the offer still stands"
    floor.stay(first, second)
    floor.round(25)
    floor.round(1)
    assert offers(floor, second) and not offers(floor, first)
    floor.stay(first, second)
    floor.round(35)
    floor.round(1)
    assert offers(floor, first), "nobody else is left"
    assert outcomes(floor) == [Outcome.EXPIRED, Outcome.EXPIRED, None]


def test_a_group_that_does_not_take_it_is_followed_by_the_next(floor):
    repair, sales = floor.group("维修", "request_repair"), floor.group("售前组", "ask_price")
    fitter, seller = floor.agent(repair), floor.agent(sales)
    waiting = floor.waits()
    with floor.database.transaction() as session:
        conversations.find(session, waiting.id).last_intent = "ask_price"
    floor.round()
    (offer,) = offers(floor, seller)
    assert offer.group_id == sales.id
    with floor.database.transaction() as session:
        decline(session, seller, offer.id, now=floor.now)
    floor.round(1)
    assert offers(floor, fitter) and not offers(floor, seller)


def test_nobody_away_offline_or_full_is_asked(floor):
    away, gone, full = floor.agent(), floor.agent(), floor.agent(capacity=1)
    floor.goes(away, Presence.AWAY, "小休")
    floor.goes(gone, Presence.OFFLINE)
    floor.make.claimed(full)
    floor.waits()
    floor.round()
    assert outcomes(floor) == []


def test_who_leaves_with_an_open_offer_passes_it_on(floor):
    first, second = floor.agent(), floor.agent()
    floor.waits()
    floor.round()
    floor.goes(first, Presence.AWAY, "会议")
    floor.round(1)
    floor.round(1)
    assert outcomes(floor) == [Outcome.WITHDRAWN, None]
    assert offers(floor, second)


def test_who_picks_from_the_queue_ends_the_offer_to_another(floor):
    asked, other = floor.agent(), floor.agent()
    waiting = floor.waits()
    floor.round()
    with floor.database.transaction() as session:
        conversations.claim(session, waiting.id, other, now=floor.now)
    (offer_id,) = _offer_ids(floor)
    assert outcomes(floor) == [Outcome.WITHDRAWN]
    with floor.database.transaction() as session, pytest.raises(Conflict):
        accept(session, asked, offer_id, now=floor.now)


def test_an_offer_is_nobody_elses(floor):
    floor.agent()
    other = floor.make.staff()
    floor.waits()
    floor.round()
    (offer_id,) = _offer_ids(floor)
    for step in (accept, decline):
        with floor.database.transaction() as session, pytest.raises(NotFound):
            step(session, other, offer_id, now=floor.now)


def test_too_late_to_accept(floor):
    agent = floor.agent()
    floor.waits()
    floor.round()
    (offer,) = offers(floor, agent)
    late = floor.now + timedelta(seconds=31)
    with floor.database.transaction() as session, pytest.raises(Conflict):
        accept(session, agent, offer.id, now=late)


def test_an_agent_holds_no_more_than_they_may(floor):
    agent = floor.agent(capacity=1)
    floor.make.claimed(agent)
    second = floor.waits()
    with floor.database.transaction() as session, pytest.raises(Conflict) as caught:
        conversations.claim(session, second.id, agent)
    assert caught.value.details == {"limit": 1}
    leader = floor.make.staff("supervisor")
    with floor.database.transaction() as session:
        assert conversations.give_to(session, second.id, leader, agent).assigned_to_id == agent.id


def test_the_agent_they_had_is_asked_first(floor):
    floor.agent()
    known = floor.agent()
    floor.make.claimed(known)
    held = floor.make.claimed(known)
    with floor.database.transaction() as session:
        conversations.hand_back(session, held.id, known)
    with floor.database.transaction() as session:
        conversations.request_handover(session, held.id, reason="requested", now=floor.now)
    floor.round()
    assert [one.conversation_id for one in offers(floor, known)] == [held.id]


def test_in_manual_mode_nobody_is_asked(floor):
    use_settings(RoutingSettings(mode="manual"))
    floor.agent()
    waiting = floor.waits()
    floor.round()
    assert outcomes(floor) == []
    assert floor.make.fresh(waiting).mode == Mode.QUEUED


# What happens when nobody comes


def test_after_the_longest_wait_a_ticket_and_a_word_to_the_customer(floor):
    waiting = floor.waits("我家漏水了，麻烦看看")
    assert floor.round(599).given_up == ()
    assert floor.round(1).given_up == (waiting.id,)
    fresh = floor.make.fresh(waiting)
    assert (fresh.mode, fresh.queued_at) == (Mode.BOT, None)
    with floor.database.reading() as session:
        (ticket,) = tickets_of_conversation(session, waiting.id)
        wait = session.scalars(select(QueueWait)).one()
    assert (ticket.kind, ticket.description) == ("inquiry", "我家漏水了，麻烦看看")
    assert ticket.due_at == floor.now + timedelta(hours=5, minutes=30), "four hours and lunch"
    said = floor.make.messages(waiting)[-1]
    assert ticket.number in said.text and "今天 15:40" in said.text
    assert (wait.outcome, wait.ended_at) == ("call_back", floor.now)
    assert floor.round(60).given_up == (), "once"


def test_who_has_a_ticket_gets_a_note_on_it_and_no_second_one(floor, make):
    from desk.tickets.domain import NewTicket
    from desk.tickets.service import open_ticket

    waiting = floor.waits()
    with floor.database.transaction() as session:
        new = NewTicket(kind="repair", description="窗户漏水", conversation_id=waiting.id)
        number = open_ticket(session, new, now=floor.now).number
    floor.round(600)
    with floor.database.reading() as session:
        assert session.scalar(select(func.count(Ticket.id))) == 1
    assert number in make.messages(waiting)[-1].text


def test_everybody_declined_the_customer_need_not_wait_on(floor):
    agent, waiting = floor.agent(), floor.waits()
    floor.round()
    (offer,) = offers(floor, agent)
    with floor.database.transaction() as session:
        decline(session, agent, offer.id, now=floor.now)
    assert floor.round(1).given_up == (waiting.id,)


def test_in_the_evening_the_customer_is_told_when_people_are_back(floor):
    floor.now = EVENING
    waiting = floor.waits()
    assert floor.round(59).given_up == ()
    assert floor.round(1).given_up == (waiting.id,)
    said = floor.make.messages(waiting)[-1].text
    assert "明天 8:30起恢复人工服务" in said
    assert "在明天 14:00前联系您" in said


def test_a_full_queue_is_given_up_in_small_transactions_the_oldest_first(floor, monkeypatch):
    monkeypatch.setattr(running, "GIVEN_UP_AT_ONCE", 2)
    floor.now = EVENING
    waiting = []
    for _ in range(5):
        waiting.append(floor.waits().id)
        floor.now += timedelta(seconds=1)
    rounds = [floor.round(60), floor.round(), floor.round(), floor.round()]
    assert [set(one.given_up) for one in rounds] == [
        set(waiting[:2]),
        set(waiting[2:4]),
        set(waiting[4:]),
        set(),
    ]
    assert [one.is_more for one in rounds] == [True, True, False, False]


def test_who_waits_to_be_given_up_is_offered_to_nobody(floor, monkeypatch):
    monkeypatch.setattr(running, "GIVEN_UP_AT_ONCE", 1)
    use_settings(RoutingSettings(max_wait_minutes=5))
    for _ in range(2):
        floor.waits()
    floor.now += timedelta(minutes=6)
    agent = floor.agent()
    assert floor.round().is_more
    assert not offers(floor, agent)


async def test_the_running_desk_goes_on_until_nobody_has_waited_too_long(floor, monkeypatch):
    monkeypatch.setattr(running, "GIVEN_UP_AT_ONCE", 2)
    monkeypatch.setattr(running, "do_round", lambda session: do_round(session, floor.now))
    floor.now = EVENING
    waiting = {floor.waits().id for _ in range(5)}
    floor.now += timedelta(minutes=2)
    told = []

    async def announce(conversation_id):
        told.append(conversation_id)

    gateway, fanout = SimpleNamespace(announce_queue=announce), None
    await give_out(SimpleNamespace(database=floor.database, gateway=gateway, fanout=fanout))
    assert set(told) == waiting
    assert len(told) == len(waiting)


def test_in_the_evening_whoever_is_still_there_is_asked(floor):
    floor.now = EVENING
    agent, waiting = floor.agent(), floor.waits()
    floor.round(61)
    assert floor.make.fresh(waiting).mode == Mode.QUEUED
    assert offers(floor, agent)


# Several processes


def test_two_processes_offer_each_conversation_once(database_url, floor):
    people = [floor.agent() for _ in range(3)]
    for _ in range(3):
        floor.waits()
    barrier, errors = threading.Barrier(2), []

    def run():
        other = Database(database_url)
        try:
            barrier.wait(10)
            with other.transaction() as session:
                do_round(session, floor.now)
        except Exception as error:
            errors.append(error)
        finally:
            other.dispose()

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert errors == []
    with floor.database.reading() as session:
        made = session.scalars(select(Offer)).all()
    assert len({one.conversation_id for one in made}) == len(made) <= len(people)
    floor.round(1)
    assert all(offers(floor, one) for one in people)


def test_two_windows_accept_at_once_and_one_of_two_agents_picks(database_url, floor):
    agent, rival = floor.agent(), floor.agent()
    waiting = floor.waits()
    floor.round()
    (offer,) = offers(floor, agent) or offers(floor, rival)
    asked = agent if offer.staff_id == agent.id else rival
    other = rival if asked is agent else agent
    barrier, taken, refused = threading.Barrier(2), [], []

    def run(who, step):
        mine = Database(database_url)
        try:
            barrier.wait(10)
            with mine.transaction() as session:
                taken.append(step(session).assigned_to_id)
        except Conflict:
            refused.append(who.id)
        finally:
            mine.dispose()

    threads = [
        threading.Thread(
            target=run, args=(asked, lambda s: accept(s, asked, offer.id, now=floor.now))
        ),
        threading.Thread(
            target=run,
            args=(other, lambda s: conversations.claim(s, waiting.id, other, now=floor.now)),
        ),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(taken) == len(refused) == 1
    assert taken != refused
    assert floor.make.fresh(waiting).assigned_to_id == taken[0]
    assert None not in outcomes(floor)


def test_after_a_restart_open_offers_run_out_and_go_on(database_url, floor):
    first, second = floor.agent(), floor.agent()
    floor.waits()
    floor.round()
    floor.now += timedelta(seconds=40)
    floor.stay(first, second)
    again = Database(database_url)
    for _ in range(2):
        with again.transaction() as session:
            do_round(session, floor.now)
    again.dispose()
    assert outcomes(floor) == [Outcome.EXPIRED, None]
    assert offers(floor, second)


# Presence


def test_without_an_open_page_somebody_is_offline_after_the_grace(floor):
    agent = floor.agent()

    def presence(seconds):
        with floor.database.reading() as session:
            at = floor.now + timedelta(seconds=seconds)
            return standings(session, [agent.id], now=at)[agent.id].presence

    assert presence(90) == Presence.AVAILABLE, "a reload changes nothing"
    assert presence(91) == Presence.OFFLINE


def test_a_break_lasts_through_a_reload_and_ends_with_the_shift(floor):
    agent = floor.agent()
    floor.goes(agent, Presence.AWAY, "小休")
    with floor.database.transaction() as session:
        soon = arrive(session, agent, now=floor.now + timedelta(minutes=5))
    assert (soon.presence, soon.reason) == (Presence.AWAY, "小休")
    with floor.database.transaction() as session:
        next_day = arrive(session, agent, now=floor.now + timedelta(hours=14))
    assert next_day.presence == Presence.AVAILABLE


def _offer_ids(floor):
    with floor.database.reading() as session:
        return list(session.scalars(select(Offer.id)))
