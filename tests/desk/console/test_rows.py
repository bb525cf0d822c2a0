"""A message as HTML: what people wrote stays text, links and photos are safe."""

from datetime import UTC, datetime

import pytest

from desk.accounts.models import Staff
from desk.console.rows import row_html, text_html
from desk.conversations.models import ChatPhoto, Message

NOW = datetime(2026, 11, 22, 6, 5, tzinfo=UTC)


def message(**values):
    values = {"sender": "customer", "text": "您好", "buttons": [], "photos": [], **values}
    return Message(created_at=NOW, **values)


@pytest.mark.parametrize(
    "hostile",
    ["<img src=x onerror=alert(1)>", "</div><script>1</script>", '" onclick="x', "{{ 1 }} & &lt;"],
)
def test_markup_of_people_is_text(hostile):
    staff = Staff(display_name=hostile)
    offered = [{"title": hostile, "payload": "/x"}]
    html = row_html(message(text=hostile, buttons=offered, sender="agent", staff=staff), NOW)
    assert "<img" not in html and "<script" not in html
    assert " onclick=" not in html.replace("&quot; onclick=&quot;x", "")


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("见 https://example.com/a?b=1&c=2。", "https://example.com/a?b=1&amp;c=2"),
        ("(http://example.com/a).", "http://example.com/a"),
        ("javascript:alert(1)", None),
        ("data:text/html,x", None),
        ("example.com", None),
    ],
)
def test_only_addresses_of_the_web_become_links(text, address):
    html = text_html(text)
    if address is None:
        assert "<a" not in html
    else:
        assert f'<a href="{address}" target="_blank" rel="noopener noreferrer nofollow">' in html


def test_a_quote_can_not_leave_the_link():
    html = text_html('https://example.com/"onmouseover="x')
    assert "onmouseover=&quot;x" in html


def test_photos_keep_their_shape_and_a_card_says_so():
    photo = ChatPhoto(id="ab" * 16, width=800, height=400)
    html = row_html(message(text="[照片]", photos=[photo], card={"kind": "progress"}), NOW)
    assert f'href="/desk/chat-photos/{"ab" * 16}"' in html
    assert 'width="220" height="110" loading="lazy"' in html
    assert "卡片" in html


def test_who_wrote_and_when():
    html = row_html(message(sender="note", staff=Staff(display_name="小王")), NOW)
    assert "内部备注 小王 · 11月22日 14:05" in html or "内部备注 小王 · 14:05" in html
