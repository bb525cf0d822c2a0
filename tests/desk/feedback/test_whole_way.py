"""A complaint from the chat to the satisfied customer, reopened once on the way: a running desk,
its socket, its REST interface and its jobs; a small server plays Rasa."""

import asyncio
import json
from datetime import datetime, timedelta

from desk.escalation.sweeping import sweep
from desk.tickets.domain import NewTicket
from desk.tickets.service import open_ticket
from tests.desk.support import PATIENCE_S, greeted, said, tab

COMPLAINT = "窗户一直漏水，报修没人来，我要投诉"


def takes_complaints(running):
    """Have the bot open a ticket for whatever is said, as its actions do."""

    def answer(body):
        with running.make.database.transaction() as session:
            new = NewTicket(
                kind="complaint",
                description=body["text"],
                conversation_id=body["conversation_id"],
                source_key="complaint-1",
            )
            number = open_ticket(session, new).number
        return said(f"已为您登记，单号 {number}。", intent="file_complaint")

    running.rasa.answer = answer


async def told(one, part):
    """Wait for a message of the desk that contains this."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            message = (await one.wait("message", sender="system"))["message"]
            if part in message["text"]:
                return message


async def does(client, path, body, status=200):
    response = await client.post(f"/api/v1/tickets/{path}", json=body)
    assert response.status_code == status, response.text
    return response.json()


async def test_until_the_customer_is_satisfied(running):
    takes_complaints(running)
    agent, supervisor = running.make.staff(), running.make.staff("supervisor")
    manager = running.make.staff("director")
    async with tab(running) as one, running.http(agent) as desk, running.http(supervisor) as lead:
        token = (await greeted(one))["token"]
        await one.say(COMPLAINT)
        number = (await one.wait("message", sender="bot"))["message"]["text"][8:-1]
        await does(desk, f"{number}/state", {"state": "in_progress"})
        assert number in (await told(one, "已有专人受理"))["text"]

        await does(desk, f"{number}/feedback", {"text": "已更换密封条，试水正常。"})
        assert "已更换密封条" in (await told(one, "办理情况"))["text"]
        question = await told(one, "满意吗")
        worst = question["buttons"][-1]
        asked = len(running.rasa.requests)
        await one.say(worst["title"], payload=worst["payload"])
        assert "升级" in (await told(one, "非常抱歉"))["text"]
        ticket = (await desk.get(f"/api/v1/tickets/{number}")).json()
        assert (ticket["state"], ticket["level"], ticket["reopened"]) == ("in_progress", 1, 1)
        async with asyncio.timeout(PATIENCE_S):
            while True:
                notices = (await lead.get("/api/v1/notices")).json()
                if any("升级" in notice["text"] for notice in notices["notices"]):
                    break
                await asyncio.sleep(0.2)
        assert notices["unread"] == len(notices["notices"])

        await does(lead, f"{number}/feedback", {"text": "已整体更换窗扇，现场试水正常。"})
        question = await told(one, "满意吗")
        best = question["buttons"][0]
        await one.say(best["title"], payload=best["payload"])
        assert "谢谢您的评价" in (await told(one, "谢谢"))["text"]
        # None of it went to the bot.
        assert len(running.rasa.requests) == asked

    async with running.http(manager) as client:
        ticket = (await client.get(f"/api/v1/tickets/{number}")).json()
        surveys = (await client.get(f"/api/v1/tickets/{number}/surveys")).json()["surveys"]
    assert ticket["state"] == "closed"
    assert [(one["round"], one["score"]) for one in surveys] == [(1, 1), (2, 5)]
    kinds = [entry["kind"] for entry in ticket["entries"]]
    order = ["opened", "feedback_given", "survey_asked", "survey_answered", "reopened", "escalated"]
    assert [kind for kind in kinds if kind in order] == [
        *order,
        "feedback_given",
        "survey_asked",
        "survey_answered",
    ]

    async with tab(running) as again:
        welcome = await again.hello(token=token)
        texts = [message["text"] for message in welcome["messages"]]
        assert any("已有专人受理" in text for text in texts)
        stars = [one for one in welcome["messages"] if "满意吗" in one["text"]]
        assert [one["buttons"] for one in stars] == [[], []]


async def test_left_alone_it_goes_up_to_the_director_who_answers(running):
    takes_complaints(running)
    running.make.staff("supervisor")
    director = running.make.staff("director")
    async with tab(running) as one, running.http(director) as top:
        await greeted(one)
        await one.say(COMPLAINT)
        number = (await one.wait("message", sender="bot"))["message"]["text"][8:-1]
        assert (await top.get("/api/v1/escalations")).json()["escalations"] == []

        due_at = datetime.fromisoformat(
            (await top.get(f"/api/v1/tickets/{number}")).json()["due_at"]
        )
        for later in (timedelta(minutes=1), timedelta(days=30)):
            with running.make.database.transaction() as session:
                sweep(session, due_at + later)
        # What the supervisor was told is still open or passed over, by the hour of the complaint.
        waiting = (await top.get("/api/v1/escalations")).json()["escalations"]
        (waits,) = (one for one in waiting if one["level"] == 2)
        path = f"/api/v1/escalations/{waits['id']}/acknowledge"
        assert (await top.post(path)).status_code == 200
        assert (await top.get("/api/v1/escalations")).json()["escalations"] == []

        await does(top, f"{number}/feedback", {"text": "已整体更换窗扇，现场试水正常。"})
        assert "已整体更换窗扇" in (await told(one, "办理情况"))["text"]
        best = (await told(one, "满意吗"))["buttons"][0]
        await one.say(best["title"], payload=best["payload"])
        await told(one, "谢谢您的评价")
        ticket = (await top.get(f"/api/v1/tickets/{number}")).json()
    assert (ticket["state"], ticket["level"]) == ("closed", 2)
    levels = [one["data"]["level"] for one in ticket["entries"] if one["kind"] == "escalated"]
    assert levels == sorted(levels)
    assert levels[-1] == 2


async def test_who_comes_back_after_days_finds_the_news(running):
    takes_complaints(running)
    agent = running.make.staff()
    async with tab(running) as one:
        token = (await greeted(one))["token"]
        await one.say(COMPLAINT)
        number = (await one.wait("message", sender="bot"))["message"]["text"][8:-1]
    async with running.http(agent) as desk:
        await does(desk, f"{number}/feedback", {"text": "已更换密封条，试水正常。"})
        async with asyncio.timeout(PATIENCE_S):
            while True:
                surveys = (await desk.get(f"/api/v1/tickets/{number}")).json()["entries"]
                if sum(entry["kind"] == "customer_told" for entry in surveys) >= 2:
                    break
                await asyncio.sleep(0.2)
    async with tab(running) as again:
        welcome = await again.hello(token=token)
        last = welcome["messages"][-1]
        assert "满意吗" in last["text"]
        await again.say(last["buttons"][0]["title"], payload=last["buttons"][0]["payload"])
        await told(again, "谢谢您的评价")


async def test_over_rest(running):
    agent, supervisor = running.make.staff(), running.make.staff("supervisor")
    qa, manager = running.make.staff("qa"), running.make.staff("manager")
    async with running.http(agent) as client:
        body = {"kind": "complaint", "description": COMPLAINT, "channel": "visit"}
        number = (await client.post("/api/v1/tickets", json=body)).json()["number"]
        blocked = await client.post(
            f"/api/v1/tickets/{number}/feedback", json={"text": "急什么，烦死人了"}
        )
        assert blocked.json()["error"]["key"] == "errors.wording_blocked"
        missing = await client.post(f"/api/v1/tickets/{number}/surveys", json={"score": 5})
        assert missing.status_code == 404
        no_meeting = await client.post(
            f"/api/v1/tickets/{number}/coordinations",
            json={
                "held_at": "2026-11-01T02:00:00Z",
                "positions": [{"who": "业主", "position": "尽快"}],
                "agreement": "周五更换",
            },
        )
        assert no_meeting.status_code == 403
        naive = {"held_at": "2026-11-01T02:00:00", "positions": [], "agreement": ""}
        path = f"/api/v1/tickets/{number}/coordinations"
        assert (await client.post(path, json=naive)).status_code == 422
    meeting = {
        "held_at": "2026-11-01T02:00:00Z",
        "positions": [{"who": "业主", "position": "尽快"}],
        "agreement": "周五更换",
    }
    async with running.http(supervisor) as client:
        await does(client, f"{number}/coordinations", meeting, 201)
        listed = (await client.get(f"/api/v1/tickets/{number}/coordinations")).json()
        assert [one["agreement"] for one in listed["coordinations"]] == ["周五更换"]
    async with running.http(qa) as client:
        assert (await client.get(f"/api/v1/tickets/{number}/surveys")).json() == {"surveys": []}
        refused = await client.post(f"/api/v1/tickets/{number}/feedback", json={"text": "好"})
        assert refused.status_code == 403
    async with running.http(manager) as client:
        closed = await does(client, f"{number}/closing", {"text": "已与业主协商一致。"})
        assert closed["state"] == "closed"
        again = await client.post(f"/api/v1/tickets/{number}/closing", json={"text": "再次"})
        assert again.status_code == 409
    assert json.dumps(closed, ensure_ascii=False)
