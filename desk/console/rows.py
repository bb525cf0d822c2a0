"""A message as a piece of HTML: one element for a row, so that thousands of them stay quick.

Everything that people wrote is escaped here; nothing else builds HTML from messages.
"""

import re
from datetime import datetime
from html import escape

from desk.console.elements import moment
from desk.conversations.models import Message, Sender
from desk.locale import t

# Only what begins like an address of the web: no javascript:, no bare words with a dot.
LINK = re.compile(r"https?://[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]{3,500}")
TRAILING = ".,;:!?)'"
PHOTO_WIDTH = 220


def row_html(message: Message, now: datetime) -> str:
    """Return what stands inside a message's row: who and when, the text, photos, offers."""
    who = f"{sender_name(message)} · {moment(message.created_at, now)}"
    parts = [f'<div class="k-row-who">{escape(who)}</div>']
    photos = "".join(_photo(photo.id, photo.width, photo.height) for photo in message.photos)
    if photos:
        parts.append(f'<div class="k-photos">{photos}</div>')
    if message.card:
        parts.append(f'<div class="k-card-kind">{escape(t("workbench.card"))}</div>')
    copy = escape(t("workbench.copy"), quote=True)
    parts.append(
        f'<div class="k-said"><div class="k-bubble">{text_html(message.text)}</div>'
        f'<button type="button" class="k-copy material-icons" aria-label="{copy}" title="{copy}">'
        "content_copy</button></div>"
    )
    titles = [str(button.get("title", "")) for button in message.buttons]
    if titles:
        offered = t("console.offered", titles="｜".join(titles))
        parts.append(f'<div class="k-offered">{escape(offered)}</div>')
    return "".join(parts)


def text_html(text: str) -> str:
    """Return the text escaped, with web addresses as links that tell the site nothing of us."""
    parts, position = [], 0
    for found in LINK.finditer(text):
        address = found[0].rstrip(TRAILING)
        parts.append(escape(text[position : found.start()]))
        quoted = escape(address, quote=True)
        parts.append(
            f'<a href="{quoted}" target="_blank" rel="noopener noreferrer nofollow">{quoted}</a>'
        )
        position = found.start() + len(address)
    parts.append(escape(text[position:]))
    return "".join(parts)


def sender_name(message: Message) -> str:
    """Return who wrote a message, as colleagues read it; empty for the desk itself."""
    if message.sender == Sender.AGENT and message.staff:
        return message.staff.display_name
    if message.sender == Sender.NOTE and message.staff:
        return f"{t('console.sender_note')} {message.staff.display_name}"
    return t(f"console.sender_{message.sender}") if message.sender != Sender.SYSTEM else ""


def _photo(photo_id: str, width: int, height: int) -> str:
    shown = min(PHOTO_WIDTH, width)
    tall = max(1, round(shown * height / max(width, 1)))
    address = f"/desk/chat-photos/{escape(photo_id, quote=True)}"
    label = escape(t("workbench.photo"), quote=True)
    return (
        f'<a href="{address}" target="_blank" rel="noopener">'
        f'<img src="{address}" alt="{label}" width="{shown}" height="{tall}" loading="lazy"></a>'
    )
