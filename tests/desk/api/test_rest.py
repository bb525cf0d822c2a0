"""What the REST operations do."""

import io

import pytest
from openpyxl import load_workbook

TABOO = "急什么，烦死人了"


async def test_log_in_use_the_token_log_out(running):
    running.make.staff(login="xiaoli", display_name="小李")
    body = {"login": "xiaoli", "password": "correct-horse-2026"}
    async with running.http() as client:
        answer = (await client.post("/api/v1/login", json=body)).json()
        assert answer["staff"]["display_name"] == "小李"
        headers = {"Authorization": f"Bearer {answer['token']}"}
        assert (await client.get("/api/v1/me", headers=headers)).status_code == 200
        await client.post("/api/v1/logout", headers=headers)
        assert (await client.get("/api/v1/me", headers=headers)).status_code == 401
        wrong = await client.post("/api/v1/login", json={**body, "password": "x"})
        assert wrong.json()["error"]["key"] == "errors.login_failed"


async def test_check_gives_a_verdict_for_each_text(running):
    async with running.http(running.make.staff()) as client:
        response = await client.post("/api/v1/check", json={"texts": [TABOO, "您好，请稍等。"]})
    bad, good = response.json()["verdicts"]
    assert bad["flags"][0]["severity"] == "block"
    assert TABOO[bad["flags"][0]["start"] : bad["flags"][0]["end"]] == bad["flags"][0]["surface"]
    assert good["flags"] == []


@pytest.mark.parametrize("body", [{}, {"texts": []}, {"texts": ["x"] * 201}, {"texts": [1]}])
async def test_check_refuses_malformed_requests(running, body):
    async with running.http(running.make.staff()) as client:
        assert (await client.post("/api/v1/check", json=body)).status_code == 422


async def test_suggest_for_a_text_and_for_a_conversation(running):
    agent = running.make.staff()
    conversation = running.make.claimed(agent, "我的订单什么时候发货")
    async with running.http(agent) as client:
        by_text = await client.post("/api/v1/suggest", json={"text": "我的订单什么时候发货"})
        body = {"conversation_id": conversation.id, "limit": 2}
        by_conversation = await client.post("/api/v1/suggest", json=body)
        nothing = await client.post("/api/v1/suggest", json={"text": "  "})
    for suggestion in by_text.json()["suggestions"]:
        assert set(suggestion) == {"script_id", "text", "score", "reason", "missing"}
    assert by_text.json()["suggestions"]
    assert len(by_conversation.json()["suggestions"]) == 2
    assert nothing.status_code == 200


async def test_the_whole_way_of_a_conversation(running):
    agent, customer_text = running.make.staff(), "转人工"
    conversation = running.make.queued(customer_text)
    path = f"/api/v1/conversations/{conversation.id}"
    async with running.http(agent) as client:
        (entry,) = (await client.get("/api/v1/conversations")).json()["conversations"]
        assert (entry["id"], entry["position"], entry["preview"]) == (
            conversation.id,
            1,
            customer_text,
        )
        claim = {"expected_version": entry["version"]}
        claimed = (await client.post(f"{path}/claim", json=claim)).json()
        assert (claimed["mode"], claimed["agent_name"]) == ("agent", agent.display_name)
        reply = {"client_id": "r1", "text": TABOO}
        blocked = (await client.post(f"{path}/replies", json=reply)).json()
        assert (blocked["status"], blocked["message"]) == ("blocked", None)
        assert blocked["verdict"]["flags"]
        reply["text"] = "您好，请问有什么可以帮您？"
        for _ in range(2):
            sent = (await client.post(f"{path}/replies", json=reply)).json()
            assert (sent["status"], sent["message"]["text"]) == ("sent", reply["text"])
        note = (await client.post(f"{path}/notes", json={"text": "老客户"})).json()
        assert note["sender"] == "note"
        messages = (await client.get(f"{path}/messages?after=1")).json()["messages"]
        assert [m["sender"] for m in messages] == ["system", "system", "agent", "note"]
        mine = (await client.get("/api/v1/conversations?scope=mine")).json()["conversations"]
        assert [one["id"] for one in mine] == [conversation.id]
        assert (await client.post(f"{path}/close")).json()["mode"] == "closed"
        recent = (await client.get("/api/v1/conversations?scope=recent")).json()["conversations"]
        assert [one["mode"] for one in recent] == ["closed"]


async def test_qa_finds_judges_and_exports_the_blocked_reply(running):
    agent, reviewer = running.make.staff(), running.make.staff("qa")
    conversation = running.make.claimed(agent)
    async with running.http(agent) as client:
        await client.post(
            f"/api/v1/conversations/{conversation.id}/replies",
            json={"client_id": "r1", "text": TABOO},
        )
    async with running.http(reviewer) as client:
        page = (await client.get("/api/v1/reviews?decision=open&severity=block")).json()
        assert (page["total"], page["reviews"][0]["text"]) == (1, TABOO)
        flagged_id = page["reviews"][0]["id"]
        one = (await client.get(f"/api/v1/reviews/{flagged_id}")).json()
        assert next(m["text"] for m in one["context"]) == "转人工"
        judgement = {"decision": "coach", "note": "请先安抚客户"}
        decided = await client.post(f"/api/v1/reviews/{flagged_id}/decision", json=judgement)
        assert decided.json()["decided_by"] == reviewer.display_name
        assert (await client.get("/api/v1/reviews?decision=open")).json()["total"] == 0
        bad = await client.post(
            f"/api/v1/reviews/{flagged_id}/decision", json={"decision": "maybe"}
        )
        assert bad.status_code == 422
        export = await client.get("/api/v1/reviews/export.xlsx")
    assert "attachment" in export.headers["content-disposition"]
    assert load_workbook(io.BytesIO(export.content)).active["C2"].value == TABOO


async def test_a_ticket_from_another_system(running):
    body = {
        "kind": "complaint",
        "description": "电梯坏了三天没人修，老人出不了门",
        "has_consent": True,
        "customer_name": "李明",
        "phone": "13800138000",
        "room": "1203",
        "spot": "12楼电梯口",
    }
    async with running.http(running.make.staff()) as client:
        created = await client.post("/api/v1/tickets", json=body)
        assert created.status_code == 201
        number = created.json()["number"]
        await client.post(f"/api/v1/tickets/{number}/entries", json={"text": "客户再次来电"})
        moved = await client.post(
            f"/api/v1/tickets/{number}/state", json={"state": "in_progress", "text": "已派工"}
        )
        wrong = await client.post(f"/api/v1/tickets/{number}/state", json={"state": "open"})
        shown = (await client.get(f"/api/v1/tickets/{number}")).json()
        listed = (await client.get("/api/v1/tickets?state=in_progress")).json()["tickets"]
    assert moved.json()["state"] == "in_progress"
    assert (wrong.status_code, wrong.json()["error"]["key"]) == (409, "errors.ticket_state")
    assert [entry["kind"] for entry in shown["entries"]] == [
        "opened",
        "supplemented",
        "state_changed",
    ]
    assert (shown["customer_name"], shown["phone"], shown["room"]) == ("李*", "138****8000", "***")
    assert (shown["spot"], shown["occurred"]) == ("12楼电梯口", None)
    assert [ticket["number"] for ticket in listed] == [number]


async def test_the_documentation_lists_every_operation_without_another_server(running):
    async with running.http() as client:
        page = await client.get("/api/docs")
        description = (await client.get("/api/openapi.json")).json()
    assert "<script" not in page.text
    assert "http" not in page.text.replace("http-equiv", "")
    for path in description["paths"]:
        assert f"<code>{path}</code>" in page.text
    assert "/api/v1/conversations/{conversation_id}/claim" in description["paths"]
