"""QA's figures and the rules over REST."""

from desk.reviews import scoring, second
from desk.reviews.models import FlaggedReply
from tests.desk.reviews.support import Quality

POINTS = {"first_contact": 5, "wording": 4, "accuracy": 3, "timeliness": 5, "outcome": 2}


async def test_other_systems_get_figures_and_see_no_blind_decision(running, checker):
    quality = Quality(running.make, checker)
    quality.replies("您好，师傅下午到。")
    row = quality.decided("急什么，没看到我在忙着吗", "confirmed")
    quality.run(second.draw, share=1.0, seed="s", now=quality.now)
    quality.run(
        scoring.score, quality.qa, conversation_id=quality.talk.id, agent_id=quality.agent.id,
        points=POINTS,
    )  # fmt: skip
    async with running.http(quality.other) as client:
        listed = (await client.get("/api/v1/reviews")).json()["reviews"]
        assert [(one["id"], one["decision"], one["is_blind"]) for one in listed] == [
            (row.id, None, True)
        ]
        shown = (await client.get(f"/api/v1/reviews/{row.id}")).json()
        assert (shown["decision"], shown["decided_by"]) == (None, None)
        refused = await client.post(
            f"/api/v1/reviews/{row.id}/decision", json={"decision": "false_alarm"}
        )
        assert refused.json()["error"]["key"] == "errors.second_pending"
        (blind,) = quality.run(second.waiting, quality.other).rows
        quality.run(second.judge_again, quality.other, blind.id, "confirmed")
        found = (await client.get("/api/v1/quality/agreement")).json()
        assert (found["pairs"], found["observed"], found["level"]) == (1, 1.0, "none")
        cards = (await client.get("/api/v1/quality/scorecards")).json()
        assert cards["scorecards"][0]["total"] == 74.0
        assert cards["agents"][0]["mean"] == 74.0
        for kind, is_unbiased in (("random", True), ("risk", False)):
            found = (await client.get(f"/api/v1/quality/samples/{kind}")).json()
            assert (found["judged"], found["is_unbiased"]) == (0, is_unbiased)
            assert (found["interval"] is not None) is is_unbiased
        assert (await client.get("/api/v1/quality/samples/all")).status_code == 422
    with running.make.database.reading() as session:
        assert session.get(FlaggedReply, row.id).decision == "confirmed"


async def test_the_rules_in_force_and_of_any_day(running, checker):
    async with running.http(running.make.staff("qa")) as client:
        found = (await client.get("/api/v1/rulebook/rules")).json()
        assert found["version"] == checker.version
        assert {"id", "patterns", "better"} <= set(found["rules"][0])
        again = await client.get(f"/api/v1/rulebook/versions/{checker.version}")
        assert again.json() == found
        assert (await client.get("/api/v1/rulebook/versions/nothing")).status_code == 404
        assert (await client.get("/api/v1/rulebook/versions")).json() == {"versions": []}
