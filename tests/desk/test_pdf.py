"""PDF documents: what a reader sees in them."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pypdfium2
import pytest

from desk.pdf import Facts, Heading, Paragraph, Picture, Space, Table, render_pdf

SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="60" height="20"><text y="15">柱图</text></svg>'
)


def pages_of(pdf):
    document = pypdfium2.PdfDocument(pdf)
    return [page.get_textpage().get_text_bounded().replace("\r\n", "\n") for page in document]


def words_of(pdf):
    return "".join(pages_of(pdf)).replace("\u200b", "").replace("\n", "")


def test_chinese_text_can_be_read_back():
    pdf = render_pdf("转办单", [Heading("事项"), Paragraph("三号楼渗水，請儘快處理。𣲗骨")])
    text = words_of(pdf)
    assert "转办单" in text
    assert "三号楼渗水，請儘快處理。𣲗骨" in text


def ink(pdf):
    """How many dark pixels the first page has at 144 dpi."""
    grey = pypdfium2.PdfDocument(pdf)[0].render(scale=2).to_pil().convert("L")
    return sum(grey.histogram()[:128])


def test_glyphs_are_drawn_and_not_left_blank():
    empty, written = (render_pdf("题", [Paragraph(text)]) for text in (" ", "渗漏渗漏渗漏渗漏"))
    assert ink(written) > ink(empty) + 500


def test_the_font_is_embedded():
    pdf = render_pdf("题", [Paragraph("字")])
    assert b"FontFile" in pdf
    assert b"NotoSansCJK" in pdf


def test_pages_are_a4_and_numbered():
    pdf = render_pdf("题", [Paragraph(f"第{i}行") for i in range(200)])
    document = pypdfium2.PdfDocument(pdf)
    assert [round(size) for size in document[0].get_size()] == [595, 842]
    count = len(document)
    assert count > 1
    for index, text in enumerate(pages_of(pdf), 1):
        assert f"第 {index} 页，共 {count} 页" in text


def test_a_table_repeats_its_head_on_every_page():
    rows = [(f"事项{i}", str(i)) for i in range(120)]
    pages = pages_of(render_pdf("题", [Table(("名目", "件数"), rows, right=(1,))]))
    assert len(pages) > 2
    assert all("名目" in page and "件数" in page for page in pages)


def test_every_block_is_drawn():
    pdf = render_pdf(
        "题",
        [
            Facts([("责任部门", "工程部\n二组")]),
            Space(2),
            Heading("小节", 2),
            Picture(SVG, alt="柱"),
        ],
        subtitle="2026年11月",
    )
    text = words_of(pdf)
    for shown in ("责任部门", "工程部", "二组", "小节", "柱图", "2026年11月"):
        assert shown in text


@pytest.mark.parametrize(
    "text",
    ["#let x = 1", "*不加粗* _x_", "<b>&amp;</b>", "$x^2$", "@someone", "= 标题", "//注释", '"\\"'],
)
def test_markup_in_a_text_is_text(text):
    pdf = render_pdf("题", [Paragraph(text), Facts([(text, text)]), Table([text], [[text]])])
    assert words_of(pdf).count(text) == 5


def test_long_words_stay_on_the_page():
    word = "a" * 300
    pdf = render_pdf("题", [Paragraph(word), Table(["甲", "乙"], [[word, "1"]])])
    page = pypdfium2.PdfDocument(pdf)[0]
    text = page.get_textpage()
    right = max(text.get_charbox(index)[2] for index in range(text.count_chars()))
    assert words_of(pdf).count(word) == 2
    assert right <= page.get_width() - 40


def test_control_characters_do_not_break_it():
    assert "前后" in words_of(render_pdf("题", [Paragraph("前\x00\x1b后")]))


def test_the_same_content_makes_the_same_file():
    assert render_pdf("题", [Paragraph("字")]) == render_pdf("题", [Paragraph("字")])


def test_the_moment_of_making_is_in_its_properties():
    made_at = datetime(2026, 11, 22, 9, 30, 1, 123456, tzinfo=ZoneInfo("Asia/Shanghai"))
    pdf = pypdfium2.PdfDocument(render_pdf("题", [Paragraph("字")], made_at=made_at))
    assert pdf.get_metadata_value("CreationDate").startswith("D:20261122013001")


def test_a_row_of_another_length_is_an_error():
    with pytest.raises(ValueError, match="row"):
        render_pdf("题", [Table(("甲", "乙"), [("一",)])])
