"""Tickets over REST: searching, working on them, and what belongs together."""

import pytest
from sqlalchemy import select

from desk.tickets.domain import NewTicket
from desk.tickets.service import open_ticket
from scripts_library.triage import classifier
from scripts_library.triage.classifier import classify


@pytest.fixture
def opened(running):
    def make(description="窗户漏水", **values):
        values.setdefault("kind", "repair")
        with running.make.database.transaction() as session:
            return open_ticket(session, NewTicket(description=description, **values)).number

    return make


async def numbers(client, query=""):
    page = (await client.get(f"/api/v1/tickets{query}")).json()
    return [ticket["number"] for ticket in page["tickets"]]


async def test_tickets_are_found_by_text_and_filters(running, opened):
    leak, lift = opened("客厅天花板漏水", building="3栋"), opened("电梯坏了", kind="complaint")
    async with running.http(running.make.staff()) as client:
        assert await numbers(client, "?text=漏水") == [leak]
        assert await numbers(client, "?kind=complaint,viewing") == [lift]
        assert await numbers(client, "?kind=complaint&kind=repair&building=3栋") == [leak]
        assert await numbers(client, "?text=%22%27*%3B") == []
        wrong = await client.get("/api/v1/tickets?state=lost")
    assert wrong.status_code == 422
    assert wrong.json()["error"]["key"] == "errors.filter_invalid"


async def test_pages_follow_one_another_by_cursor(running, opened):
    made = {opened() for _ in range(5)}
    seen, cursor = [], ""
    async with running.http(running.make.staff()) as client:
        while cursor is not None:
            query = f"?limit=2&order=newest&after={cursor}" if cursor else "?limit=2&order=newest"
            page = (await client.get(f"/api/v1/tickets{query}")).json()
            assert (page["total"], page["is_more"]) == (5, False)
            seen += [ticket["number"] for ticket in page["tickets"]]
            cursor = page["next"]
        wrong = await client.get("/api/v1/tickets?after=x")
    assert set(seen) == made
    assert len(seen) == 5
    assert wrong.json()["error"]["key"] == "errors.cursor_invalid"


async def test_a_phone_is_searched_in_a_body_only(running, opened):
    number = opened(has_consent=True, phone="13800138000", customer_name="李明")
    opened()
    async with running.http(running.make.staff()) as client:
        body = {"phone": "13800138000"}
        page = (await client.post("/api/v1/tickets/search", json=body)).json()
        everything = await numbers(client, "?phone=13800138000")
    (found,) = page["tickets"]
    assert (found["number"], found["phone"]) == (number, "138****8000")
    assert len(everything) == 2


async def test_a_letter_is_taken_down(running):
    agent = running.make.staff()
    body = {
        "kind": "complaint",
        "description": "楼道堆放杂物",
        "channel": "letter",
        "received_at": "2026-11-16T09:00:00+08:00",
        "has_consent": True,
        "email": "li@example.com",
        "reply_channel": "email",
        "recipient_id": agent.id,
    }
    async with running.http(agent) as client:
        response = await client.post("/api/v1/tickets", json=body)
        naive = {**body, "received_at": "2026-11-16T09:00:00"}
        refused = await client.post("/api/v1/tickets", json=naive)
        unknown = await client.post("/api/v1/tickets", json={**body, "department": "moon"})
    ticket = response.json()
    assert response.status_code == 201, response.text
    assert (ticket["channel"], ticket["email"]) == ("letter", "l***@example.com")
    assert ticket["created_at"] == "2026-11-16T01:00:00+00:00"
    assert refused.status_code == 422
    assert unknown.json()["error"]["key"] == "errors.department_unknown"
    assert "engineering" in unknown.json()["error"]["text"]


async def test_work_on_a_ticket_shows_in_its_timeline(running, opened):
    number = opened()
    agent = running.make.staff(login="xiaoli", display_name="小李")
    path = f"/api/v1/tickets/{number}"
    async with running.http(agent) as client:
        await client.post(f"{path}/notes", json={"text": "已联系师傅"})
        await client.post(f"{path}/urges")
        await client.post(f"{path}/assignment", json={"login": "xiaoli"})
        last = await client.post(
            f"{path}/classification", json={"cause": "密封条老化", "text": "查看后确定"}
        )
        nothing = await client.post(f"{path}/classification", json={})
        nobody = await client.post(f"{path}/assignment", json={"login": "nobody"})
    shown = last.json()
    # What the running desk tells the customer meanwhile stands between them.
    own = [entry for entry in shown["entries"] if entry["actor"] == "xiaoli"]
    assert [entry["title"] for entry in own] == [
        "内部备注",
        "客户催办（第 1 次）",
        "指派给小李",
        "重新归类：原因由“未填”改为“密封条老化”",
    ]
    assert {entry["actor_name"] for entry in own} == {"小李"}
    assert (shown["cause"], shown["urged"], shown["recipient_id"]) == ("密封条老化", 1, agent.id)
    assert nothing.json()["error"]["key"] == "errors.nothing_to_change"
    assert nobody.json()["error"]["key"] == "errors.recipient_unknown"


async def test_merging_and_splitting_and_back(running, opened):
    into, other = opened("电梯坏了"), opened("电梯又坏了")
    async with running.http(running.make.staff()) as client:
        merged = await client.post(f"/api/v1/tickets/{into}/merge", json={"others": [other]})
        seen = (await client.get(f"/api/v1/tickets/{other}")).json()
        again = await client.post(f"/api/v1/tickets/{into}/merge", json={"others": [other]})
        undone = await client.post(f"/api/v1/tickets/{other}/merge/undo")
        body = {"kind": "complaint", "description": "收费不对"}
        part = await client.post(f"/api/v1/tickets/{into}/split", json=body)
        back = await client.post(f"/api/v1/tickets/{part.json()['number']}/split/undo")
    assert merged.json()["merged"] == [other]
    assert (seen["state"], seen["stands_for_it"]) == ("closed", into)
    assert again.json()["error"]["key"] == "errors.ticket_merged"
    assert (undone.json()["state"], undone.json()["stands_for_it"]) == ("open", None)
    assert part.status_code == 201
    assert back.json()["stands_for_it"] == into


async def test_links(running, opened):
    one, other = opened(), opened()
    async with running.http(running.make.staff()) as client:
        linked = await client.post(f"/api/v1/tickets/{one}/links", json={"other": other})
        again = await client.post(f"/api/v1/tickets/{other}/links", json={"other": one})
        unlinked = await client.delete(f"/api/v1/tickets/{other}/links/{one}")
    assert linked.json()["links"] == [{"number": other, "kind": "related"}]
    assert again.status_code == 409
    assert unlinked.json()["links"] == []


async def test_views(running):
    boss, agent = running.make.staff("supervisor"), running.make.staff()
    body = {"name": "超期", "filters": {"is_overdue": True, "state": ["open"]}, "is_shared": True}
    async with running.http(boss) as client:
        saved = (await client.post("/api/v1/tickets/views", json=body)).json()
        twice = await client.post("/api/v1/tickets/views", json=body)
    assert saved["filters"] == {"is_overdue": True, "state": ["open"]}
    assert twice.json()["error"]["text"] == "您已有名为“超期”的视图，请换一个名称。"
    async with running.http(agent) as client:
        (seen,) = (await client.get("/api/v1/tickets/views")).json()["views"]
        kept = await client.delete(f"/api/v1/tickets/views/{saved['id']}")
    assert (seen["name"], seen["is_own"], kept.status_code) == ("超期", False, 404)
    async with running.http(boss) as client:
        gone = await client.delete(f"/api/v1/tickets/views/{saved['id']}")
    assert gone.status_code == 204


async def test_a_bulk_change_reports_each_ticket(running, opened):
    good, settled = opened(), opened()
    async with running.http(running.make.staff(login="xiaoli")) as client:
        await client.post(f"/api/v1/tickets/{settled}/state", json={"state": "closed"})
        body = {"numbers": [good, settled, "T0"], "login": "xiaoli"}
        result = (await client.post("/api/v1/tickets/bulk", json=body)).json()
        both = await client.post("/api/v1/tickets/bulk", json={**body, "note": "x"})
    assert result["done"] == 1
    assert [one["error"] is None for one in result["outcomes"]] == [True, False, False]
    assert both.status_code == 422


FOREIGN = [
    ("GET", "", None),
    ("POST", "/entries", {"text": "x"}),
    ("POST", "/notes", {"text": "x"}),
    ("POST", "/urges", None),
    ("POST", "/state", {"state": "closed"}),
    ("POST", "/assignment", {"login": "x"}),
    ("POST", "/classification", {"cause": "x"}),
]


@pytest.mark.parametrize(("method", "path", "body"), FOREIGN)
async def test_another_departments_ticket_does_not_exist(method, path, body, running, opened):
    number = opened(department="sales")
    async with running.http(running.make.staff("department")) as client:
        response = await client.request(method, f"/api/v1/tickets/{number}{path}", json=body)
    assert response.status_code == 404


async def test_a_bulk_change_cannot_reach_another_departments_tickets(running, opened):
    number = opened(department="sales")
    async with running.http(running.make.staff("department")) as client:
        body = {"numbers": [number], "note": "x"}
        result = (await client.post("/api/v1/tickets/bulk", json=body)).json()
    assert result["outcomes"][0]["error"] == "没有找到这个单号，请核对后再试。"


async def test_triage_computes_while_nothing_is_locked(running, monkeypatch):
    """On SQLite a transaction keeps all other writers waiting: the model runs before it."""

    def classify_while_another_writes(text):
        with running.make.database.transaction() as session:
            session.execute(select(1))
        return classify(text)

    monkeypatch.setattr(classifier, "classify", classify_while_another_writes)
    body = {"kind": "complaint", "description": "电梯困人半小时没人管", "channel": "api"}
    async with running.http(running.make.staff()) as client:
        made = await client.post("/api/v1/tickets", json=body)
    assert made.status_code == 201
    assert made.json()["category"] == "public_facility"
