"""Tickets that may belong together: found within bounds, scored, explained."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from desk.tickets import similar
from desk.tickets.similar import candidates, rank_similar
from scripts_library.text.embedding import get_embedder

NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
HOME = {"estate": "云栖雅苑", "building": "3栋", "now": NOW}
WATER = {"kind": "complaint", "category": "indoor_repair", "severity": "general"}
MINE = {"has_consent": True, "phone": "13800138000"}


@pytest.fixture
def look(database, make):
    agent = make.staff()

    def look(ticket, *, staff=agent, embedder=None):
        with database.reading() as session:
            found = candidates(session, staff, ticket)
        return rank_similar(ticket, found, embedder)

    return look


def test_the_same_customer_about_the_same_thing_comes_first(look, opened):
    ticket = opened("厨房漏水", **HOME, **WATER, **MINE)
    neighbour = opened("我家也漏水", **HOME, **WATER)
    again = opened("厨房还是漏水", **{**HOME, "now": NOW + timedelta(days=2)}, **WATER, **MINE)
    opened("路灯不亮", estate="云栖雅苑", building="9栋", category="public_facility", now=NOW)
    found = look(ticket)
    assert [one.ticket.id for one in found] == [again.id, neighbour.id]
    assert found[0].is_same_customer and not found[1].is_same_customer
    assert found[0].reasons == ("phone", "building", "category")
    assert 0 < found[1].score < found[0].score <= 1


def test_meaning_brings_together_what_the_category_keeps_apart(look, opened):
    embedder = get_embedder()
    ticket = opened("厨房漏水，报修三次没人来", **HOME, **WATER)
    same = opened("我家厨房天花板一直漏水，没人来修", **HOME, category="housing_quality")
    other = opened("保安态度恶劣", **HOME, category="staff_attitude")
    found = {one.ticket.id: one for one in look(ticket, embedder=embedder)}
    assert "meaning" in found[same.id].reasons
    assert other.id not in found
    assert same.id not in {one.ticket.id for one in look(ticket)}


def test_only_so_many_are_compared_by_meaning(look, opened, monkeypatch):
    class Counting:
        dim = 2
        texts = 0

        def encode(self, texts):
            self.texts = len(texts)
            return np.ones((len(texts), 2), dtype=np.float32)

    monkeypatch.setattr(similar, "COMPARED_LIMIT", 2)
    ticket = opened("漏水", **HOME, **WATER)
    for number in range(4):
        opened(f"漏水{number}", **HOME, **WATER)
    counting = Counting()
    look(ticket, embedder=counting)
    assert counting.texts == 3


def test_old_merged_and_distant_tickets_are_left_out(look, opened, database):
    ticket = opened("漏水", **HOME, **WATER, **MINE)
    opened("漏水", **{**HOME, "now": NOW - timedelta(days=200)}, **WATER, **MINE)
    opened("漏水", estate="别的小区", building="3栋", now=NOW, **WATER)
    merged = opened("漏水", **HOME, **WATER, **MINE)
    with database.transaction() as session:
        session.get_one(type(merged), merged.id).merged_into_id = ticket.id
    assert look(ticket) == []


def test_a_department_is_not_shown_tickets_of_others(look, opened, make):
    ticket = opened("漏水", **HOME, **WATER, department="engineering")
    opened("漏水", **HOME, **WATER, department="finance")
    mine = opened("漏水", **HOME, **WATER, department="engineering")
    found = look(ticket, staff=make.staff("department"))
    assert [one.ticket.id for one in found] == [mine.id]


def test_a_ticket_without_place_and_phone_has_no_candidates(look, opened):
    opened("漏水", now=NOW, **WATER)
    assert look(opened("漏水", now=NOW, **WATER)) == []
