"""Sharing: application, another's approval, encrypted file, counted downloads, the trail (R-E2)."""

import io
import json
from datetime import UTC, datetime, timedelta

import pytest
from openpyxl import load_workbook
from sqlalchemy import text, update

from desk import age
from desk.accounts.models import StaffSession
from desk.audit.models import AuditEntry
from desk.audit.verification import verify
from desk.errors import Conflict, Forbidden, InvalidInput, NotFound
from desk.locale import t
from desk.sharing import service
from desk.sharing.fields import FIELDS
from desk.sharing.service import Application
from desk.tickets.domain import NewTicket
from desk.tickets.service import open_ticket
from tests.desk.support import PASSWORD

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
PHONE, NAME, ROOM = "13800138765", "欧阳标记", "9876室"
PASSPHRASE = "给住建局的口令-2026-11"
PUBLIC, PRIVATE = age.new_identity()


@pytest.fixture
def number(database):
    new = NewTicket(
        kind="repair",
        description="=HYPERLINK(1) 卧室漏水",
        has_consent=True,
        customer_name=NAME,
        phone=PHONE,
        room=ROOM,
    )
    with database.transaction() as session:
        return open_ticket(session, new).number


def wanted(number, **values):
    given = {
        "numbers": [number],
        "fields": ["phone", "number", "description"],
        "reason": "住建局来函调取",
        "recipient": "市住建局 张科",
        **values,
    }
    return Application(**given)


def apply(database, staff, number, **values):
    with database.transaction() as session:
        return service.apply(session, staff, wanted(number, **values), now=NOW).id


def decide(database, staff, share_id, *, is_approved=True, note="", at=NOW):
    with database.transaction() as session:
        return service.decide(
            session, staff, share_id, is_approved=is_approved, note=note, now=at
        ).state


def download(database, staff, share_id, *, at=NOW, passphrase=None):
    with database.transaction() as session:
        return service.download(session, staff, share_id, passphrase=passphrase, now=at)


def test_approved_by_another_and_fetched_once(database, make, number):
    agent, manager = make.staff("agent"), make.staff("manager")
    share_id = apply(database, agent, number, recipient_key=PUBLIC)
    with pytest.raises(Conflict):
        download(database, agent, share_id)
    assert decide(database, manager, share_id) == "approved"
    file = download(database, agent, share_id)
    assert file.content.startswith(age.MAGIC)
    assert file.name == f"share-{share_id}-1.xlsx.age"
    assert PHONE.encode() not in file.content
    sheet = load_workbook(io.BytesIO(age.open_sealed(file.content, identity=PRIVATE))).active
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert rows == [["编号", "描述", "电话"], [number, "=HYPERLINK(1) 卧室漏水", PHONE]]
    assert sheet["B2"].data_type == "s"
    with pytest.raises(Conflict):
        download(database, agent, share_id)
    with database.reading() as session:
        assert service.find(session, agent, share_id).state == "used_up"
        trail = session.query(AuditEntry).order_by(AuditEntry.number).all()
        actions = [one.action for one in trail if one.object == f"share {share_id}"]
        assert actions == ["sharing_asked", "sharing_approved", "shared"]
        assert verify(session).fault is None
        assert [use.staff_id for use in service.uses_of(session, trail and _share(session))] == [
            agent.id
        ]


def test_every_field_of_a_ticket_has_a_heading():
    assert {"unit", "spot"} < set(FIELDS)
    for name in FIELDS:
        assert t(f"sharing.field_{name}")


def _share(session):
    return session.query(service.Share).one()


def test_nobody_decides_on_their_own_and_only_managers_decide(database, make, number):
    manager, other = make.staff("manager"), make.staff("director")
    share_id = apply(database, manager, number)
    with pytest.raises(Forbidden) as caught:
        decide(database, manager, share_id)
    assert caught.value.key == "errors.share_own"
    for role in ("agent", "supervisor", "qa", "department"):
        with pytest.raises(Forbidden):
            decide(database, make.staff(role), share_id)
    with pytest.raises(InvalidInput):
        decide(database, other, share_id, is_approved=False)
    assert decide(database, other, share_id, is_approved=False, note="范围太大") == "refused"
    with pytest.raises(Conflict):
        decide(database, other, share_id)


def test_only_the_applicant_fetches_and_only_in_time(database, make, number):
    agent, manager = make.staff("agent"), make.staff("manager")
    share_id = apply(database, agent, number, days=2, downloads=2, format="json")
    decide(database, manager, share_id)
    with pytest.raises(Forbidden):
        download(database, manager, share_id, passphrase=PASSPHRASE)
    with pytest.raises(NotFound):
        download(database, make.staff("agent"), share_id, passphrase=PASSPHRASE)
    with pytest.raises(InvalidInput):
        download(database, agent, share_id, passphrase="kurz")
    with pytest.raises(Conflict):
        late = NOW + timedelta(days=2)
        download(database, agent, share_id, at=late, passphrase=PASSPHRASE)
    sealed = download(database, agent, share_id, passphrase=PASSPHRASE).content
    found = json.loads(age.open_sealed(sealed, passphrase=PASSPHRASE))
    assert found["tickets"][0]["phone"] == PHONE
    assert "room" not in found["tickets"][0]
    with database.reading() as session:
        assert (_share(session).used, _share(session).state) == (1, "approved")
        assert PASSPHRASE not in str(session.execute(text("SELECT * FROM share")).all())
    with database.transaction() as session:
        service.withdraw(session, manager, share_id, now=NOW)
    with pytest.raises(Conflict):
        download(database, agent, share_id, passphrase=PASSPHRASE)


@pytest.mark.parametrize(
    "wrong",
    [
        {"numbers": []},
        {"numbers": ["T"] * 1},
        {"fields": []},
        {"fields": ["password"]},
        {"reason": " "},
        {"reason": "x" * 201},
        {"recipient": ""},
        {"recipient_key": "AGE-SECRET-KEY-1"},
        {"format": "csv"},
        {"days": 0},
        {"days": 31},
        {"downloads": 6},
    ],
)
def test_bad_applications_leave_nothing(database, make, number, wrong):
    with pytest.raises((InvalidInput, NotFound)):
        apply(database, make.staff("agent"), number, **wrong)
    with database.reading() as session:
        assert session.query(service.Share).count() == 0


def test_a_department_shares_what_it_sees_only(database, make):
    with database.transaction() as session:
        foreign = open_ticket(session, NewTicket(kind="order_change", description="改地址")).number
    with pytest.raises(NotFound):
        apply(database, make.staff("department"), foreign)
    with pytest.raises(Forbidden):
        apply(database, make.staff("qa"), foreign)


def forget_confirmations(database):
    with database.transaction() as session:
        session.execute(update(StaffSession).values(confirmed_at=None))


async def test_over_rest(running):
    make = running.make
    with make.database.transaction() as session:
        new = NewTicket(kind="repair", description="漏水", has_consent=True, phone=PHONE)
        ticket = open_ticket(session, new).number
    body = {"numbers": [ticket], "fields": ["phone"], "reason": "来函", "recipient": "住建局"}

    async def asked_again(client, path, json):
        """A session that was not confirmed for a while gets nothing until it is."""
        forget_confirmations(make.database)
        refused = await client.post(path, json=json)
        assert (refused.status_code, refused.json()["error"]["key"]) == (
            403,
            "errors.confirm_needed",
        )
        shown = await client.post("/api/v1/confirm", json={"secret": PASSWORD})
        assert shown.status_code == 200
        return await client.post(path, json=json)

    async with running.http(make.staff("agent")) as agent:
        made = (await agent.post("/api/v1/shares", json=body)).json()
        async with running.http(make.staff("manager")) as manager:
            listed = (await manager.get("/api/v1/shares")).json()["shares"]
            assert [one["id"] for one in listed] == [made["id"]]
            url = f"/api/v1/shares/{made['id']}"
            decided = await asked_again(manager, f"{url}/decision", {"is_approved": True})
            assert decided.json()["state"] == "approved"
        got = await asked_again(agent, f"{url}/file", {"passphrase": PASSPHRASE})
        name = f"share-{made['id']}-1.xlsx.age"
        assert got.headers["content-disposition"] == f"attachment; filename*=UTF-8''{name}"
        assert got.content.startswith(age.MAGIC)
        again = await agent.post(f"{url}/file", json={"passphrase": PASSPHRASE})
        assert again.status_code == 409
        seen = (await agent.get(url)).json()
        assert [use["by"] for use in seen["uses"]] == [seen["applicant"]]
    async with running.http(make.staff("agent")) as stranger:
        assert (await stranger.get(url)).status_code == 404
        assert (await stranger.get("/api/v1/shares")).json() == {"shares": []}
