"""REST: reports, their rows, and rectifications."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.desk.reports.support import make_year

BEGIN = datetime(2025, 9, 1, tzinfo=UTC)


@pytest.fixture
def desk(running):
    make_year(running.desk.database, 200, begins_at=BEGIN, days=300)
    return running


async def test_each_number_comes_with_a_filter_that_the_api_understands(desk):
    async with desk.http(desk.make.staff("supervisor")) as http:
        found = (await http.get("/api/v1/reports/quarter?date=2026-02-10")).json()
        assert (found["first"], found["last"]) == ("2026-01-01", "2026-03-31")
        opened = found["figures"]["opened"]
        assert opened["value"] > 0
        assert opened["rows"]["list"] == "tickets"
        asked = {**opened["rows"]["filter"], "limit": 1}
        tickets = (await http.post("/api/v1/tickets/search", json=asked)).json()
        assert tickets["total"] == opened["value"]
        bot = found["figures"]["turns_bot"]
        rows = f"/api/v1/reports/rows/{bot['rows']['list']}"
        page = (await http.get(rows, params=bot["rows"]["filter"])).json()
        assert page["total"] == bot["value"] > 0
        assert {row["sender"] for row in page["rows"]} == {"bot"}


async def test_files_come_as_downloads(desk):
    async with desk.http(desk.make.staff("qa")) as http:
        xlsx = await http.get("/api/v1/reports/month.xlsx?date=2026-02-10")
        pdf = await http.get("/api/v1/reports/month.pdf?date=2026-02-10")
    assert xlsx.content[:2] == b"PK"
    assert pdf.content[:5] == b"%PDF-"
    assert "kefu-month-2026-02-01.pdf" in pdf.headers["content-disposition"]
    assert pdf.headers["content-type"] == "application/pdf"


@pytest.mark.parametrize(
    ("role", "status"),
    [("agent", 403), ("qa", 200), ("supervisor", 200), ("manager", 200), ("department", 200)],
)
@pytest.mark.parametrize("path", ["reports/day", "reports/day.xlsx", "reports/rows/entries"])
async def test_who_may_read_reports(desk, role, status, path):
    async with desk.http(desk.make.staff(role)) as http:
        assert (await http.get(f"/api/v1/{path}")).status_code == status


async def test_a_department_reads_no_messages(desk):
    async with desk.http(desk.make.staff("department")) as http:
        assert (await http.get("/api/v1/reports/rows/messages")).json() == {"total": 0, "rows": []}


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("reports/decade", 422),
        ("reports/day?date=tomorrow", 422),
        ("reports/year?date=0001-01-01", 422),
        ("reports/year?date=9999-12-31", 422),
        ("reports/day?date=2099-01-01", 422),
        ("reports/rows/tickets", 422),
        ("reports/rows/entries?begins_at=soon", 422),
        ("reports/rows/escalations?level=9", 422),
        ("reports/rows/messages?intent=%00", 422),
        ("reports/rows/messages?sender=nobody", 422),
        ("reports/rows/answers?score=0", 422),
    ],
)
async def test_impossible_questions_are_refused(desk, path, status):
    async with desk.http(desk.make.staff("supervisor")) as http:
        assert (await http.get(f"/api/v1/{path}")).status_code == status


async def test_a_rectification_from_plan_to_done(desk):
    supervisor, owner = desk.make.staff("supervisor"), desk.make.staff("department")
    body = {
        "category": "parking",
        "cause": "人手不足",
        "plan": "增加两名巡查人员",
        "owner_id": owner.id,
        "due_on": (datetime.now(UTC) + timedelta(days=30)).date().isoformat(),
    }
    async with desk.http(supervisor) as http, desk.http(owner) as own:
        assert (await own.post("/api/v1/rectifications", json=body)).status_code == 403
        made = await http.post("/api/v1/rectifications", json=body)
        assert made.status_code == 201
        path = f"/api/v1/rectifications/{made.json()['id']}"
        assert made.json()["tickets"] == {"category": ["parking"], "cause": "人手不足"}
        told = await http.post(f"{path}/tell", json={"text": "我们已增加巡查人员。"})
        assert told.status_code == 409
        done = await own.post(f"{path}/state", json={"state": "done", "outcome": "已到岗"})
        assert done.json()["state"] == "done"
        listed = (await own.get("/api/v1/rectifications?state=done")).json()["rectifications"]
        assert [item["outcome"] for item in listed] == ["已到岗"]
    async with desk.http(desk.make.staff("agent")) as http:
        assert (await http.get("/api/v1/rectifications")).json() == {"rectifications": []}
        refused = await http.post(f"{path}/state", json={"state": "open"})
        assert refused.status_code == 404
