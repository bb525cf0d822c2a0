"""The catalogue changed by hand: found, checked, kept with who and when, never over another's."""

import pytest
from sqlalchemy import select

from desk.audit.models import AuditEntry
from desk.catalog import service as catalog
from desk.catalog.models import CatalogChange
from desk.errors import Conflict, Forbidden, InvalidInput, NotFound
from desk.knowledge import editing, listing
from desk.knowledge.listing import Wanted

HOME = {"code": "wj-1", "estate": "望江府", "layout": "三室两厅", "area_m2": "101.5"}
ORDER = {
    "order_no": "MC1", "product_name": "平开窗", "quantity": "2 樘", "phone_last4": "13800138000",
    "status": "待安装", "ordered_on": "2026-11-01", "tracking_no": "SF998877",
}  # fmt: skip


def found(keepers, typed, kind="homes", state="active", staff=None):
    wanted = Wanted(typed, state)
    who = staff or keepers.agent
    page = keepers.run(listing.search, who, kind, wanted, limit=50)
    assert page.total == len(page.rows)
    return [getattr(row, "code", None) or row.order_no for row in page.rows]


def test_rows_are_found_by_characters_pinyin_and_first_letters(keepers):
    keepers.demo("homes", "products")
    keepers.run(editing.create, keepers.leader, "homes", HOME)
    for typed in ("望江府", "wangjiang", "WJF", "wangjiangfu 三室", "ｗｊ－１"):
        assert found(keepers, typed) == ["WJ-1"], typed
    assert found(keepers, "yqyy 0101") == ["YQ-0101"]
    assert found(keepers, "没有这个楼盘") == []
    assert found(keepers, "100%_") == []
    assert found(keepers, "qijing", "products")


def test_pages_go_on_where_the_one_before_ended(keepers):
    keepers.demo("homes")
    first = keepers.run(listing.search, keepers.qa, "homes", Wanted(), limit=5)
    second = keepers.run(listing.search, keepers.qa, "homes", Wanted(), limit=5, offset=5)
    assert first.total == second.total == 12
    codes = [row.code for row in (*first.rows, *second.rows)]
    assert codes == sorted(set(codes))


def test_every_mistake_is_named_and_nothing_is_stored(keepers):
    wrong = {**HOME, "code": "有汉字", "area_m2": "很大", "estate": "", "total_price": "-1"}
    with pytest.raises(InvalidInput) as caught:
        keepers.run(editing.create, keepers.leader, "homes", wrong)
    assert set(caught.value.details["cells"]) == {"code", "area_m2", "estate", "total_price"}
    assert "「面积(平方米)」应是数字" in caught.value.details["said"]
    assert found(keepers, "") == []
    for cells in (
        {"price_from": "900", "price_to": "500"},
        {"price_from": "999999999"},
    ):
        product = {"code": "P1", "name": "窗", "kind": "窗", "material": "铝", **cells}
        with pytest.raises(InvalidInput):
            keepers.run(editing.create, keepers.leader, "products", product)
    with pytest.raises(InvalidInput, match="knowledge_invalid"):
        keepers.run(
            editing.create, keepers.leader, "orders", {**ORDER, "expected_on": "2026-10-01"}
        )


def test_a_change_is_kept_with_who_and_what(keepers):
    row = keepers.run(editing.create, keepers.leader, "homes", HOME)
    with pytest.raises(Conflict):
        keepers.run(editing.create, keepers.other, "homes", HOME)
    changed = keepers.run(
        editing.update, keepers.other, "homes", row.id,
        {"estate": "望江一号", "total_price": "1,200,000", "code": "other"}, version=row.version,
    )  # fmt: skip
    assert (changed.code, changed.estate, changed.total_price) == ("WJ-1", "望江一号", 1200000)
    assert found(keepers, "wjyh") == ["WJ-1"] and found(keepers, "望江府") == []
    newest, first = keepers.run(editing.history, keepers.agent, "homes", row.id)
    assert (newest.who, newest.action, first.action) == ("周敏", "changed", "created")
    assert newest.changes == {"楼盘": ("望江府", "望江一号"), "总价(元)": ("", "1200000")}
    same = keepers.run(
        editing.update, keepers.other, "homes", row.id, {"estate": "望江一号"}, version=2
    )
    assert same.version == 2
    trail = keepers.run(lambda session: session.scalars(select(AuditEntry.action)).all())
    assert trail.count("knowledge_changed") == 2


def test_the_second_of_two_who_edit_is_told_who_was_faster(keepers):
    row = keepers.run(editing.create, keepers.leader, "homes", HOME)
    edit = editing.update
    keepers.run(edit, keepers.other, "homes", row.id, {"layout": "四室"}, version=1)
    with pytest.raises(Conflict) as caught:
        keepers.run(edit, keepers.leader, "homes", row.id, {"layout": "两室"}, version=1)
    assert caught.value.details["who"] == "周敏"
    assert caught.value.details["what"] == "户型"
    assert keepers.run(listing.find, keepers.leader, "homes", row.id).layout == "四室"


def test_two_at_the_very_same_time_do_not_both_win(keepers):
    row = keepers.run(editing.create, keepers.leader, "homes", HOME)
    with keepers.make.database.reading() as one:
        stale = listing.find(one, keepers.leader, "homes", row.id)
    keepers.run(editing.update, keepers.other, "homes", row.id, {"layout": "四室"}, version=1)

    def late(session):
        mine = session.merge(stale, load=False)
        mine.layout = "两室"
        editing.flush(session)

    with pytest.raises(Conflict):
        keepers.run(late)


def test_what_is_retired_is_used_no_more_and_can_come_back(keepers):
    keepers.demo("homes", "products", "orders")
    home = keepers.run(listing.find_by_code, keepers.agent, "homes", "YQ-0101")
    product = keepers.run(listing.find_by_code, keepers.agent, "products", "MC-D70")
    order = keepers.run(listing.find_by_code, keepers.agent, "orders", "MC2610080001")
    assert keepers.run(editing.used_by, product) == 2
    rows = (("homes", home), ("products", product), ("orders", order))
    for kind, row in rows:
        keepers.run(editing.retire, keepers.leader, kind, row.id, version=row.version)
    assert keepers.run(catalog.home_by_code, "YQ-0101") is None
    assert keepers.run(catalog.find_order, "MC2610080001") is None
    assert product.name not in keepers.run(catalog.product_names)
    assert found(keepers, "YQ-0101") == []
    assert found(keepers, "YQ-0101", state="retired") == ["YQ-0101"]
    keepers.run(editing.retire, keepers.leader, "homes", home.id, version=2, is_retired=False)
    assert keepers.run(catalog.home_by_code, "YQ-0101") is not None


def test_customers_data_of_orders_is_hidden_until_a_reason_is_given(keepers):
    row = keepers.run(editing.create, keepers.leader, "orders", ORDER)
    assert row.phone_last4 == "8000"
    cells = listing.masked_cells("orders", row)
    assert (cells["phone_last4"], cells["tracking_no"]) == ("****", "****")
    assert found(keepers, "8000", "orders") == found(keepers, "998877", "orders") == []
    keepers.run(
        editing.update, keepers.leader, "orders", row.id, {"phone_last4": "1234"}, version=1
    )
    newest = keepers.run(editing.history, keepers.agent, "orders", row.id)[0]
    assert newest.changes == {"手机后四位": ("****", "****")}
    with pytest.raises(InvalidInput):
        keepers.run(
            editing.update, keepers.leader, "orders", row.id, {"tracking_no": "****1"}, version=2
        )
    with keepers.make.database.engine.connect() as connection:
        stored = connection.exec_driver_sql("SELECT changes FROM catalog_change").scalars().all()
    assert not any("8000" in one or "1234" in one for one in stored), "encrypted"
    with pytest.raises(InvalidInput):
        keepers.run(editing.reveal_order, keepers.agent, row.id, "  ")
    with pytest.raises(Forbidden):
        keepers.run(editing.reveal_order, keepers.qa, row.id, "看看")
    shown = keepers.run(editing.reveal_order, keepers.agent, row.id, "客户来电核对")
    assert shown["tracking_no"] == "SF998877"
    trail = keepers.run(lambda session: session.scalars(select(AuditEntry)).all())
    assert [(one.action, one.note) for one in trail if one.action == "revealed"] == [
        ("revealed", "客户来电核对")
    ]


def test_who_may_do_what(keepers):
    row = keepers.run(editing.create, keepers.leader, "homes", HOME)
    for person in (keepers.agent, keepers.qa, keepers.worker):
        for attempt in (
            lambda person=person: keepers.run(editing.create, person, "homes", HOME),
            lambda person=person: keepers.run(
                editing.update, person, "homes", row.id, {}, version=1
            ),
            lambda person=person: keepers.run(editing.retire, person, "homes", row.id, version=1),
        ):
            with pytest.raises(Forbidden):
                attempt()
    with pytest.raises(Forbidden):
        found(keepers, "", staff=keepers.worker)
    for kind, row_id in (("cars", 1), ("homes", 0), ("homes", 2**40), ("homes", 99)):
        with pytest.raises(NotFound):
            keepers.run(listing.find, keepers.leader, kind, row_id)
    with pytest.raises(InvalidInput):
        keepers.run(editing.create, keepers.leader, "faq", {})
    assert keepers.run(lambda session: session.query(CatalogChange).count()) == 1
