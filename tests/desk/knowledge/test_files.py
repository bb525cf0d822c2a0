"""Files in the console: preview, confirm, export, templates; as Chinese offices save them."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from desk.catalog.columns import TABLES
from desk.catalog.files import csv_bytes, read_file, xlsx_bytes
from desk.catalog.importer import read_content
from desk.errors import Conflict, Forbidden, InvalidInput
from desk.knowledge import editing, exporting, faq, importing, listing
from desk.knowledge.listing import Wanted

HEAD = "房源编号,楼盘,户型,面积(平方米),总价(元)\n"
ROWS = "A1,望江府,三室,100,1000000\nA2,望江府,两室,80,\n"
KINDS = list(TABLES)


def seen(keepers, text, kind="homes", name="a.csv", encoding="utf-8"):
    raw = text if isinstance(text, bytes) else text.encode(encoding)
    content = read_content(raw, kind, filename=name)
    return keepers.run(importing.preview, keepers.leader, kind, content, filename=name)


def confirm(keepers, preview, staff=None):
    return keepers.run(importing.confirm, staff or keepers.leader, keepers.checker, preview)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030"])
def test_a_preview_writes_nothing_and_confirming_writes_all(keepers, encoding):
    preview = seen(keepers, HEAD + ROWS, encoding=encoding)
    assert [(row.number, row.code, row.state) for row in preview.rows] == [
        (2, "A1", "new"), (3, "A2", "new"),
    ]  # fmt: skip
    assert keepers.run(listing.search, keepers.agent, "homes", Wanted(), limit=5).total == 0
    done = confirm(keepers, preview)
    assert (done.added, done.changed, done.waits_for_approval) == (2, 0, False)
    assert keepers.run(listing.search, keepers.agent, "homes", Wanted("wjf"), limit=5).total == 2


def test_each_row_says_what_it_changes_or_what_is_wrong(keepers):
    confirm(keepers, seen(keepers, HEAD + ROWS))
    a2 = keepers.run(listing.find_by_code, keepers.leader, "homes", "A2")
    keepers.run(editing.retire, keepers.leader, "homes", a2.id, version=1)
    text = HEAD + "a1,望江府,三室,101.50,1000000\nA2,x,y,1,\nA3,,两室,很大,\nA1,望江府,三室,1,\n"
    preview = seen(keepers, text)
    by_state = {row.number: (row.state, dict(row.changes), row.problems) for row in preview.rows}
    assert by_state[2] == ("changed", {"面积(平方米)": ("100", "101.5")}, ())
    assert by_state[3][0] == "retired"
    assert by_state[4] == ("invalid", {}, ("「楼盘」必须填写", "「面积(平方米)」「很大」应是数字"))
    assert by_state[5][2] == ("「房源编号」「A1」与第 2 行重复",)
    assert not preview.is_ready
    with pytest.raises(InvalidInput):
        confirm(keepers, preview)
    assert seen(keepers, HEAD + "A1,望江府,三室,100,1000000\n").counts == {"same": 1}


def test_a_preview_that_is_out_of_date_is_refused(keepers):
    confirm(keepers, seen(keepers, HEAD + ROWS))
    preview = seen(keepers, HEAD + "A1,望江府,三室,120,1000000\nA9,望江府,三室,120,\n")
    row = keepers.run(listing.find_by_code, keepers.leader, "homes", "A1")
    keepers.run(editing.update, keepers.other, "homes", row.id, {"area_m2": "99"}, version=1)
    with pytest.raises(Conflict):
        confirm(keepers, preview)
    assert keepers.run(listing.search, keepers.agent, "homes", Wanted("A9"), limit=5).total == 0
    history = keepers.run(editing.history, keepers.agent, "homes", row.id)
    assert [one.origin for one in history] == ["form", "import"]


def test_answers_from_a_file_wait_for_another_persons_approval(keepers):
    head = "编号,意图,问题,客户的问法,答复,有效期至\n"
    text = head + "F1,车位,车位怎么租？,车位怎么租 | 租车位,地下车位月租 350 元。,2030-01-01\n"
    done = confirm(keepers, seen(keepers, text, "faq"))
    assert done.waits_for_approval
    (revision,) = keepers.run(faq.pending, keepers.other)
    assert (revision.body["intent"], revision.state) == ("ask_parking", "submitted")
    assert keepers.run(listing.search, keepers.agent, "faq", Wanted(), limit=5).total == 0
    rude = head + "F2,车位,问,,急什么，自己看。,\n"
    with pytest.raises(InvalidInput) as caught:
        confirm(keepers, seen(keepers, rude, "faq"))
    assert (caught.value.key, caught.value.details["row"]) == ("errors.import_row", 2)


def test_customers_data_is_hidden_in_the_preview(keepers):
    keepers.demo("orders")
    head = "订单号,产品名称,数量,手机后四位,状态,下单日期\n"
    text = head + "MC2610080001,栖静70断桥平开窗,6 樘，共 14.2 平方米,9999,已完成,2026-10-08\n"
    wrong = head + "MC1,窗,1,139,待安装,2026-10-08\n"
    (row,) = seen(keepers, text.replace("樘，", "樘、"), "orders").rows
    assert row.changes["手机后四位"] == ("****", "****")
    assert "139" not in "".join(seen(keepers, wrong, "orders").rows[0].problems)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_what_is_exported_is_imported_unchanged(keepers, kind, ending):
    keepers.demo(kind)
    file = keepers.run(
        exporting.export, keepers.leader, kind, Wanted(), ending=ending, reason="核对"
    )
    preview = seen(keepers, file.content, kind, name=file.name)
    assert set(preview.counts) == {"same"} and preview.counts["same"] > 5


@pytest.mark.parametrize("kind", KINDS)
def test_templates_have_the_headings_and_no_rows(kind):
    titles = [column.title for column in TABLES[kind].columns]
    book = load_workbook(io.BytesIO(exporting.template(kind, "xlsx").content))
    first, manual = book.worksheets
    assert [[cell.value for cell in row] for row in first.iter_rows()] == [titles]
    assert [row[0].value for row in manual.iter_rows(min_row=2)] == titles
    content = read_content(exporting.template(kind, "csv").content, kind, filename="a.csv")
    assert [one.message for one in content.all_problems] == ["文件里没有数据"]


def test_orders_leave_with_a_reason_only_and_agents_export_nothing(keepers):
    keepers.demo("orders")
    export = exporting.export
    with pytest.raises(InvalidInput):
        keepers.run(export, keepers.leader, "orders", Wanted(), ending="csv")
    for person in (keepers.agent, keepers.qa):
        with pytest.raises(Forbidden):
            keepers.run(export, person, "homes", Wanted(), ending="csv")
        with pytest.raises(Forbidden):
            keepers.run(
                importing.preview, person, "homes",
                read_content((HEAD + ROWS).encode(), "homes", filename="a.csv"), filename="a.csv",
            )  # fmt: skip


@pytest.mark.parametrize("name", ["a.csv", "a.xlsx"])
def test_no_cell_is_a_formula(name):
    rows = [["标题", "x"], ["=cmd|' /C calc'!A0", "+1"], ["-2", "@x"]]
    raw = csv_bytes(rows) if name == "a.csv" else xlsx_bytes([("表", rows)])
    assert list(read_file(raw, name)) == rows
    if name == "a.csv":
        assert b",=" not in raw and b"\n=" not in raw and b"'=cmd" in raw
    else:
        cells = [cell for row in load_workbook(io.BytesIO(raw)).active for cell in row]
        assert {cell.data_type for cell in cells} == {"s"}
        assert sum(cell.quotePrefix for cell in cells) == 4


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1)))
def test_cells_come_back_as_they_were(cells):
    # A cell that begins with an apostrophe before a sign is one that was made harmless.
    plain = [cell for cell in cells if not cell.startswith("'")]
    if plain:
        assert list(read_file(csv_bytes([plain]), "a.csv")) == [plain]
