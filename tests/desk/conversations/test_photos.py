"""Photos: cleaned, stored once, shown to those who may see them, put to the matter they show."""

import io
from datetime import timedelta

import pytest
from PIL import Image

from desk.clock import utc_now
from desk.conversations import photos, service
from desk.conversations.models import ChatPhoto, Sender
from desk.conversations.writing import Line, append
from desk.errors import Conflict, InvalidInput, NotFound
from desk.privacy.erasure import clear_conversation
from desk.tickets.attachments import attachments_of, find_attachment
from desk.tickets.domain import NewTicket
from desk.tickets.service import open_ticket
from tests.desk.support import greeted, tab

PLACE_TAKEN = b"GPS 31.2304N"


def photo_file(kind="JPEG", size=(800, 600), color="teal"):
    out = io.BytesIO()
    exif = Image.Exif()
    exif[0x010E] = PLACE_TAKEN.decode()
    Image.new("RGB", size, color).save(out, kind, exif=exif)
    return out.getvalue()


def sent(database, conversation, client_id="p1", **values):
    with database.transaction() as session:
        return photos.add_customer_photo(
            session,
            conversation.id,
            client_id=client_id,
            photo=photos.make_ready(photo_file(**values)),
        )


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_photo_is_written_anew_with_a_small_one_beside_it(kind):
    file = photo_file(kind)
    ready = photos.make_ready(file)
    assert PLACE_TAKEN in file
    assert PLACE_TAKEN not in ready.content + ready.thumbnail
    assert (ready.width, ready.height) == (800, 600)
    with Image.open(io.BytesIO(ready.thumbnail)) as small:
        assert small.size == (480, 360)


@pytest.mark.parametrize(
    ("content", "key"),
    [
        (b"", "errors.file_empty"),
        (b"GIF89a no photo", "errors.file_type"),
        (b"%PDF-1.4 letter %%EOF", "errors.photo_type"),
        (photo_file()[:2000], "errors.file_broken"),
        (b"0" * (10 * 1024 * 1024 + 1), "errors.file_too_large"),
    ],
)
def test_what_is_no_photo_is_refused_with_the_reason(content, key):
    with pytest.raises(InvalidInput) as refusal:
        photos.make_ready(content)
    assert refusal.value.key == key


def test_a_retry_finds_the_first(database, make):
    conversation = make.conversation("家里漏水")
    first, again = sent(database, conversation), sent(database, conversation)
    assert (first.is_new, again.is_new) == (True, False)
    assert again.message.id == first.message.id
    with database.reading() as session:
        assert session.query(ChatPhoto).count() == 1


def test_the_desk_answers_for_the_bot_and_keeps_its_question_open(database, make):
    conversation = make.conversation()
    sent(database, conversation)
    photo, answer = make.messages(conversation)
    assert photo.text == "[图片]" and photo.handled_at is not None
    assert answer.sender == "system" and "照片收到了" in answer.text
    assert photo.as_json()["photos"] == [{"id": photo.photos[0].id, "width": 800, "height": 600}]


def test_with_people_nobody_answers_for_them(database, make):
    held = make.claimed(make.staff())
    before = len(make.messages(held))
    sent(database, held)
    assert [message.sender for message in make.messages(held)[before:]] == ["customer"]


def complaint(conversation):
    return NewTicket(kind="complaint", description="楼上漏水", conversation_id=conversation.id)


def test_photos_sent_before_go_to_the_ticket_that_is_opened(database, make):
    conversation = make.conversation("家里漏水")
    sent(database, conversation, "p1", color="red")
    sent(database, conversation, "p2", color="blue")
    old = sent(database, conversation, "p3", color="green").message.photos[0].id
    with database.transaction() as session:
        session.get_one(ChatPhoto, old).created_at = utc_now() - timedelta(hours=25)
    with database.transaction() as session:
        ticket = open_ticket(session, complaint(conversation))
    with database.reading() as session:
        files = attachments_of(session, ticket)
        assert [(file.name, file.uploaded_by) for file in files] == [
            ("客户照片.jpg", "customer")
        ] * 2
        content = find_attachment(session, ticket, files[0].id).content
        with Image.open(io.BytesIO(content)) as picture:
            assert picture.size == (800, 600)


def test_a_photo_sent_later_joins_the_open_ticket(database, make):
    conversation = make.conversation("家里漏水")
    with database.transaction() as session:
        ticket = open_ticket(session, complaint(conversation))
    sent(database, conversation)
    assert ticket.number in make.messages(conversation)[-1].text
    with database.reading() as session:
        assert len(attachments_of(session, ticket)) == 1


def test_there_is_a_limit(database, make, monkeypatch):
    monkeypatch.setattr(photos, "COUNT_LIMIT", 1)
    conversation = make.conversation()
    sent(database, conversation, "p1")
    with pytest.raises(Conflict):
        sent(database, conversation, "p2")


def test_only_the_agent_who_has_it_sends(database, make):
    agent = make.staff()
    held, ready = make.claimed(agent), photos.make_ready(photo_file())
    with database.transaction() as session:
        added = photos.add_agent_photo(session, held.id, agent, client_id="a1", photo=ready)
    assert added.message.staff.id == agent.id
    with database.transaction() as session, pytest.raises(Conflict):
        photos.add_agent_photo(session, held.id, make.staff(), client_id="a2", photo=ready)


def test_nobody_sees_a_photo_of_another_conversation(database, make):
    agent = make.staff()
    held = make.claimed(agent)
    photo_id = sent(database, held).message.photos[0].id
    other = make.conversation()
    with database.reading() as session:
        shown, media_type = photos.photo_for_staff(session, agent, photo_id, is_small=False)
        assert media_type == "image/jpeg" and shown.startswith(b"\xff\xd8")
        for look in (
            lambda: photos.photo_for_staff(session, make.staff(), photo_id, is_small=True),
            lambda: photos.photo_for_staff(
                session, make.staff("department"), photo_id, is_small=True
            ),
            lambda: photos.photo_for_customer(session, other.id, photo_id, is_small=True),
        ):
            with pytest.raises(NotFound):
                look()


async def test_over_http_with_token_and_browser(running):
    async with tab(running, browser="mine") as one:
        welcome = await greeted(one)
        headers = {"Authorization": f"Bearer {welcome['token']}", "X-Client-Id": "p1"}
        cookie = {"Cookie": "kefu_visitor=mine"}
        async with running.http(**headers, **cookie, Origin=running.url) as client:
            stored = await client.post("/chat/photos", content=photo_file())
            again = await client.post("/chat/photos", content=photo_file())
            photo = stored.json()["photos"][0]
            small = await client.get(f"/chat/photos/{photo['id']}?size=small")
            refused = await client.post(
                "/chat/photos", content=b"no", headers={"X-Client-Id": "p2"}
            )
        assert (await one.wait("message", client_id="p1"))["message"]["photos"] == [photo]
        async with running.http(**headers, Cookie="kefu_visitor=theirs") as stranger:
            unseen = await stranger.get(f"/chat/photos/{photo['id']}")
    assert stored.status_code == 201 and again.json() == stored.json()
    assert small.headers["content-type"] == "image/webp"
    assert refused.status_code == 422 and "照片" in refused.json()["error"]["text"]
    assert unseen.status_code == 404


async def test_more_than_one_file_may_hold_is_refused_unread(running):
    async with running.http(Origin=running.url) as client:
        answer = await client.post("/chat/photos", content=b"0" * (12 * 1024 * 1024))
    assert answer.status_code == 413


async def test_a_message_still_needs_its_id(running):
    conversation = running.make.conversation()
    with pytest.raises(InvalidInput):
        await running.desk.gateway.customer_photo(
            conversation.id, client_id="two words", photo=photos.make_ready(photo_file())
        )
    assert (
        await running.desk.database.look(service.messages_after, conversation.id, 0, for_staff=True)
        == []
    )


def test_deleting_a_customers_data_takes_photos_and_cards(database, make):
    conversation = make.conversation("家里漏水")
    sent(database, conversation)
    with database.transaction() as session:
        stored = service.find(session, conversation.id)
        line = Line("请核对", card={"kind": "summary", "title": "核对", "fields": []})
        append(session, stored, Sender.BOT, line, now=utc_now())
        clear_conversation(session, stored)
    assert [message.card for message in make.messages(conversation)] == [None] * 4
    with database.reading() as session:
        assert session.query(ChatPhoto).count() == 0
