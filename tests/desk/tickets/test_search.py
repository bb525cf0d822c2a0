"""Full-text search: every part of a Chinese text is found, and nothing typed breaks the query."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from desk.tickets import service
from desk.tickets.models import Ticket
from desk.tickets.search import text_matches
from desk.tickets.search_terms import fts5_query, index_terms, query_phrases, tsquery, tsvector

SENTENCE = "客厅天花板漏水三天了，物业一直没人来修"


@pytest.fixture
def find(database):
    """Return the numbers of the tickets that fit what is typed."""

    def run(typed):
        with database.reading() as session:
            query = select(Ticket.number).where(text_matches(typed)).order_by(Ticket.id)
            return list(session.scalars(query))

    return run


def test_terms_are_overlapping_pairs_and_the_last_character():
    assert index_terms(["漏水了，3栋ＡＢ"]) == ["漏水", "水了", "了", "3", "栋", "ab"]


def test_a_query_does_not_ask_for_the_end_of_a_run():
    (phrase,) = query_phrases("漏水了")
    assert phrase.terms == ("漏水", "水了")
    assert fts5_query([phrase]) == '"漏水 水了"'
    assert tsquery([phrase]) == "('漏水' <-> '水了')"


def test_positions_of_a_repeated_term_are_kept():
    assert tsvector(["好", "的", "好"]) == "'好':1,3 '的':2"


@pytest.mark.parametrize("typed", ["", "  ", "，。！", '"', "'", "*", "\x00", "-"])
def test_nothing_to_search_for_finds_nothing(typed, find, opened):
    opened(SENTENCE)
    assert find(typed) == []


def test_every_two_characters_of_a_text_are_found(find, opened):
    number = opened(SENTENCE).number
    opened("电梯困人")
    for run in SENTENCE.split("，"):
        for start in range(len(run) - 1):
            assert find(run[start : start + 2]) == [number], run[start : start + 2]
    assert find("没人来修") == [number]
    assert find("漏") == [number]
    assert find("漏三") == []


def test_parts_divided_by_spaces_must_all_occur(find, opened):
    number = opened(SENTENCE, building="3栋").number
    opened(SENTENCE, building="13栋")
    assert find("漏水 3栋") == [number]
    assert find("漏水 电梯") == []


@pytest.mark.parametrize("typed", ["裂縫", "裂缝", "ＤＤ2026", "dd20261122", "卫生间"])
def test_script_width_and_case_do_not_matter(typed, find, opened):
    number = opened("衛生間瓷砖裂縫", order_no="DD20261122").number
    assert find(typed) == [number]


def test_every_open_field_can_be_found(find, opened):
    ticket = opened(
        "门把手松动",
        kind="complaint",
        category="product_quality",
        department="quality_control",
        wish="换一个新把手",
        occurred="上周五傍晚",
        estate="云栖雅苑",
        building="7栋",
        unit="二单元",
        spot="负1楼车库",
        order_no="DD1",
    )
    opened("楼道灯不亮")
    place = ("云栖", "7栋", "二单元", "车库")
    for typed in ("新把", "周五", *place, "DD1", "产品质量", "质量控制部", "投诉"):
        assert find(typed) == [ticket.number], typed


@pytest.mark.parametrize("spelled", ["{}", "{} ", "t261122 {0}"])
def test_a_number_finds_its_ticket_alone(spelled, find, opened):
    number = opened("见单号").number
    opened(f"与 {number} 相同")
    if spelled.startswith("t"):
        number_only = number.lower()
        assert find(number_only) == [number]
    else:
        assert find(spelled.format(number)) == [number]


def test_part_of_a_number_finds_it_too(find, opened):
    number = opened().number
    assert find(number[1:7]) == [number]
    assert find(number[:12]) == [number]


def test_a_phone_finds_its_tickets_and_is_not_in_the_index(find, opened, database):
    number = opened(has_consent=True, phone="13800138000", customer_name="李明").number
    opened(has_consent=True, phone="13800138001")
    for typed in ("13800138000", "138 0013 8000", "１３８００１３８０００"):
        assert find(typed) == [number]
    assert find("1380013") == []
    assert find("李明") == []
    with database.reading() as session:
        stored = str(session.connection().exec_driver_sql("SELECT terms FROM ticket_search").all())
    assert "13800138000" not in stored


def test_what_is_added_later_is_found(find, opened, database):
    number = opened().number
    with database.transaction() as session:
        ticket = service.find_ticket(session, number)
        service.supplement(session, ticket, "客户补充：地板也泡坏了", actor="bot")
        service.note(session, ticket, "已联系维修师傅", actor="xiaoli")
    for typed in ("泡坏", "维修师傅", "窗户漏水"):
        assert find(typed) == [number]


def test_a_transaction_that_fails_leaves_nothing_in_the_index(find, opened, database):
    number = opened().number
    with pytest.raises(RuntimeError), database.transaction() as session:
        service.note(session, service.find_ticket(session, number), "转瞬即逝", actor="x")
        raise RuntimeError
    assert find("转瞬") == []


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(typed=st.text(max_size=40))
def test_no_text_breaks_the_query(typed, find):
    assert find(typed) == []


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    said=st.text(alphabet="漏水了三天物业", min_size=2, max_size=30),
    place=st.integers(0, 28),
    length=st.integers(2, 6),
)
def test_any_part_of_any_text_is_found(said, place, length, find, opened):
    number = opened(said).number
    part = said[place % (len(said) - 1) :][:length]
    assert number in find(part)
