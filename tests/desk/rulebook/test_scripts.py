"""The life of a script, and rules and scripts coming into force in running desks."""

import pytest

from desk.errors import Conflict, Forbidden, InvalidInput, NotFound
from desk.rulebook import drafts, publishing, scripts
from desk.rulebook.bodies import Overlay
from desk.rulebook.models import RuleVersion
from scripts_library.suggesting.library import load_scripts
from scripts_library.suggesting.suggester import SuggestionContext

BODY = {
    "topic": "ask_price",
    "step": "answer",
    "text": "{customer_title}，这套房节日总价是{price}，活动到本月底。",
    "owner": "销售部",
    "review_date": "2027-06-30",
    "asks": ["国庆节期间总价是多少", " "],
}
NEW = "ask_price.festival"
LANTERN = {
    "category": "refusal", "severity": "warn", "clause": "测试条款", "reason": "只有拒绝",
    "better": ["请稍等。"], "patterns": ["灯笼不借"], "examples": {"must": ["灯笼不借"]},
}  # fmt: skip


@pytest.fixture
def people(make):
    return {"qa": make.staff("qa"), "leader": make.staff("supervisor"), "agent": make.staff()}


@pytest.fixture
def run(database):
    def run(function, *args, **values):
        with database.transaction() as session:
            return function(session, *args, **values)

    return run


@pytest.fixture
def write(run, people, checker):
    def write(body=BODY, by="qa", script_id=NEW, **values):
        return run(
            scripts.write, people[by], checker,
            **{"script_id": script_id, "body": body, "why": "节日活动", **values},
        )  # fmt: skip

    return write


@pytest.fixture
def decide(run, people, checker):
    def decide(revision, by="leader", is_approved=True):
        return run(scripts.decide, people[by], checker, revision.id, is_approved=is_approved)

    return decide


def in_force(run):
    return {one.id: one for one in scripts.lay(load_scripts(), run(scripts.in_force).values())}


def test_a_script_is_in_force_once_a_leader_approved_it(run, write, decide):
    revision = write()
    assert revision.body["asks"] == ["国庆节期间总价是多少"]
    assert NEW not in in_force(run)
    decide(revision)
    assert in_force(run)[NEW].text == BODY["text"]
    with pytest.raises(Conflict):
        decide(revision)


def test_the_author_does_not_approve_and_qa_cannot(write, decide):
    own = write(by="leader")
    with pytest.raises(Forbidden):
        decide(own)
    with pytest.raises(Forbidden):
        decide(write(), by="qa")
    with pytest.raises(Forbidden):
        write(by="agent")


@pytest.mark.parametrize(
    ("changes", "part"),
    [
        ({"text": "总价是{prize}"}, "填空"),
        ({"text": "总价是{price"}, "花括号"),
        ({"topic": "weather"}, "话题"),
        ({"step": ""}, "step"),
        ({"owner": ""}, "owner"),
        ({"review_date": "明年"}, "日期"),
        ({"text": ""}, "text"),
        ({"text": "急什么，没看到我在忙着吗"}, "急什么"),
        ({"asks": ["长" * 61]}, "60"),
    ],
)
def test_a_wrong_script_is_refused_with_what_is_wrong(write, changes, part):
    with pytest.raises(InvalidInput) as caught:
        write({**BODY, **changes})
    assert part in caught.value.details["problems"]


@pytest.mark.parametrize(
    "script_id", ["", "price", "Ask.x", "ask_price.", "a.13900000000", "a.b c"]
)
def test_a_malformed_id_is_refused(write, script_id):
    with pytest.raises(InvalidInput):
        write(script_id=script_id)


def test_a_draft_may_still_be_rough_but_not_be_approved(run, write, decide):
    rude = write({**BODY, "text": "急什么，总价是{price}。"}, is_submitted=False)
    assert rude.state == "draft"
    with pytest.raises(Conflict):
        decide(rude)
    again = write()
    assert (again.id, again.state, again.number) == (rude.id, "submitted", 1)
    assert [one.id for one in run(scripts.pending)] == [again.id]


def test_a_script_sent_back_is_not_in_force(run, write, decide):
    assert decide(write(), is_approved=False).state == "rejected"
    assert NEW not in in_force(run)
    assert run(scripts.pending) == []
    assert write().number == 2


def test_withdrawal_and_an_earlier_wording_again(run, people, checker, write, decide):
    own = load_scripts()[0]
    decide(write(None, script_id=own.id))
    assert own.id not in in_force(run)
    body = scripts.body_of(own)
    with pytest.raises(Forbidden):
        run(scripts.restore, people["qa"], checker, script_id=own.id, body=body, why="还要用")
    run(scripts.restore, people["leader"], checker, script_id=own.id, body=body, why="还要用")
    assert in_force(run)[own.id].text == own.text
    assert [(one.number, one.state) for one in run(scripts.history, own.id)] == [
        (2, "published"), (1, "published"),
    ]  # fmt: skip


def test_every_own_script_survives_the_way_through_a_body():
    for script in load_scripts():
        again = scripts.script_of(script.id, scripts.body_of(script))
        assert (again.text, again.asks, again.keywords, again.review_date) == (
            script.text, script.asks, script.keywords, script.review_date,
        )  # fmt: skip


def test_unknown_revisions_are_not_found(run, people, checker):
    with pytest.raises(NotFound):
        run(scripts.decide, people["leader"], checker, 99, is_approved=True)


# In running desks


async def published_rule(desk, make, body=LANTERN):
    """Publish a rule as the page does, the gate's verdict given."""
    qa, base = make.staff("qa"), desk.rulebook.base

    def work(session):
        overlay = publishing.published(session)
        draft = drafts.save_draft(
            session, qa, base, overlay, rule_id="refusal.lantern", body=body, why="试"
        )
        key = drafts.gate_key(draft, overlay.lay(base).version)
        drafts.keep_gate(session, qa, draft.id, {"passed": True, "failures": []}, key=key)
        return publishing.publish(session, qa, draft.id, base)

    return await desk.database.run(work)


async def test_a_published_rule_counts_at_once_in_the_desk_that_runs(running):
    desk, plain = running.desk, running.desk.checker.version
    assert not desk.checker.check("灯笼不借").flags
    version = await published_rule(desk, running.make)
    await desk.rulebook.announce()
    verdict = desk.checker.check("灯笼不借")
    assert [flag.rule_id for flag in verdict.flags] == ["refusal.lantern"]
    assert verdict.ruleset_version == version.version != plain
    async with running.http(running.make.staff()) as client:
        answer = await client.post("/api/v1/check", json={"texts": ["灯笼不借"]})
        assert answer.json()["verdicts"][0]["flags"][0]["rule"] == "refusal.lantern"


async def test_a_published_script_is_suggested_at_once(running, checker):
    desk, make = running.desk, running.make
    qa, leader = make.staff("qa"), make.staff("supervisor")
    _ = desk.suggester

    def work(session):
        revision = scripts.write(session, qa, checker, script_id=NEW, body=BODY, why="节日")
        scripts.decide(session, leader, checker, revision.id, is_approved=True)

    await desk.database.run(work)
    await desk.rulebook.announce()
    context = SuggestionContext(messages=(("customer", "国庆节期间总价是多少"),))
    assert NEW in {one.script_id for one in desk.suggester.suggest(context, 5)}
    assert desk.scripts.get(NEW) is not None
    await desk.database.run(
        scripts.restore, leader, checker, script_id=NEW, body=None, why="活动结束"
    )
    await desk.rulebook.announce()
    assert desk.suggester.get(NEW) is None
    assert desk.scripts.get(NEW) is None


async def test_a_set_that_cannot_be_built_leaves_the_last_good_one(running):
    desk = running.desk
    version = await published_rule(desk, running.make)
    await desk.rulebook.announce()

    def spoil(session):
        broken = {**LANTERN, "id": "refusal.lantern", "patterns": ["(甲"]}
        session.add(
            RuleVersion(
                number=2, version="broken", base_version=desk.rulebook.base.version,
                kind="publish", rule_id=None, gate=None, why="坏的",
                overlay=Overlay({"refusal.lantern": broken}).as_json(),
                written_by_id=version.written_by_id, published_by_id=version.written_by_id,
                published_at=version.published_at,
            )
        )  # fmt: skip

    await desk.database.run(spoil)
    await desk.rulebook.refresh()
    assert desk.rulebook.problem == "LexiconError"
    assert desk.checker.version == version.version
    leader = running.make.staff("supervisor")
    await desk.database.run(publishing.rollback, leader, 1, desk.rulebook.base, why="坏了")
    await desk.rulebook.refresh()
    assert desk.rulebook.problem is None
    assert desk.checker.version == version.version
