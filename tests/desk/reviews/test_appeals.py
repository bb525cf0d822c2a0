"""Scorecards, appeals and what an upheld one leads to."""

from datetime import timedelta

import pytest

from desk.errors import Conflict, Forbidden, InvalidInput, NotFound
from desk.outbox.notices import notices_of
from desk.reviews import appeals, scoring, second
from desk.reviews.exceptions import draft_agreed
from desk.reviews.models import FlaggedReply
from desk.reviews.quality_models import Scorecard
from desk.reviews.quality_settings import quality_settings
from desk.rulebook import drafts

RUDE = "急什么，没看到我在忙着吗"
POINTS = {"first_contact": 5, "wording": 4, "accuracy": 3, "timeliness": 5, "outcome": 2}


def score(quality, by=None, **values):
    values = {"conversation_id": quality.talk.id, "agent_id": quality.agent.id} | values
    values.setdefault("points", POINTS)
    return quality.run(scoring.score, by or quality.qa, **values)


@pytest.fixture
def served(quality):
    quality.replies("您好，我马上联系维修师傅。")
    return quality


def test_a_card_weighs_its_criteria(served):
    card = score(served, note="结果要跟进")
    # 20*5 + 20*4 + 25*3 + 15*5 + 20*2 = 370 of 500
    assert card.total == 74.0
    assert card.marks["accuracy"] == [3, 25]
    assert (card.agent.display_name, card.note) == ("小李", "结果要跟进")


@pytest.mark.parametrize(
    "points",
    [{}, {**POINTS, "wording": 6}, {**POINTS, "wording": -1}, {**POINTS, "more": 1},
     {**POINTS, "wording": 2.5}, {**POINTS, "wording": True}],
)  # fmt: skip
def test_wrong_points_are_refused(served, points):
    with pytest.raises(InvalidInput):
        score(served, points=points)


def test_the_best_is_a_hundred_and_the_worst_nothing():
    settings = quality_settings()
    assert scoring.total_of(dict.fromkeys(POINTS, 5), settings) == 100.0
    assert scoring.total_of(dict.fromkeys(POINTS, 0), settings) == 0.0


def test_a_conversation_is_scored_once_and_by_somebody_else(served):
    assert [one.conversation_id for one in served.run(scoring.to_score, served.qa)] == [
        served.talk.id
    ]
    with pytest.raises(Forbidden):
        score(served, by=served.agent)
    with pytest.raises(Forbidden):
        score(served, by=served.leader, agent_id=served.leader.id)
    with pytest.raises(NotFound):
        score(served, agent_id=served.leader.id)
    score(served)
    with pytest.raises(Conflict):
        score(served, by=served.other)
    assert served.run(scoring.to_score, served.qa) == []


def test_figures_are_by_agent_and_period(served):
    score(served)
    (one,) = served.run(scoring.figures)
    assert (one.agent_name, one.cards, one.mean) == ("小李", 1, 74.0)
    assert one.by_criterion["outcome"] == 2
    assert served.run(scoring.figures, since=served.now) == []
    assert served.run(scoring.figures, until=served.now)[0].cards == 1


# Appeals


def objected(quality, text=RUDE, decision="confirmed", **values):
    row = quality.decided(text, decision, **values)
    return row, quality.run(appeals.appeal_flag, quality.agent, row.id, "这是引用客户的原话")


def decide(quality, appeal, by=None, is_upheld=True, note="引用客户的话，不算违规"):
    return quality.run(
        appeals.decide_appeal, by or quality.leader, quality.base, appeal.id,
        is_upheld=is_upheld, note=note,
    )  # fmt: skip


def test_an_upheld_appeal_makes_a_false_alarm_and_drafts_an_exception(quality):
    row, appeal = objected(quality)
    found = decide(quality, appeal)
    assert found.appeal.state == "upheld"
    assert {draft.rule_id for draft in found.drafts} <= {flag["rule"] for flag in row.flags}
    draft = found.drafts[0]
    assert (draft.origin, draft.flagged_id, draft.state) == ("appeal", row.id, "open")
    assert draft.body["exceptions"][-1]["why"] == "引用客户的话，不算违规"
    with quality.make.database.reading() as session:
        flagged = session.get(FlaggedReply, row.id)
        assert (flagged.decision, flagged.decided_by_id) == ("false_alarm", quality.leader.id)


def test_a_rejected_appeal_changes_nothing(quality):
    row, appeal = objected(quality)
    assert decide(quality, appeal, is_upheld=False).drafts == ()
    (told,) = quality.run(notices_of, quality.agent)
    assert "不成立" in told.text and told.page == "/desk/my-quality"
    with quality.make.database.reading() as session:
        assert session.get(FlaggedReply, row.id).decision == "confirmed"
    assert quality.run(drafts.count_drafts) == 0


def test_whoever_judged_does_not_decide_on_the_appeal(quality):
    row = quality.decided(RUDE, "confirmed")
    quality.run(second.draw, share=1.0, seed="s", now=quality.now)
    (blind,) = quality.run(second.waiting, quality.other).rows
    quality.run(second.judge_again, quality.other, blind.id, "confirmed")
    appeal = quality.run(appeals.appeal_flag, quality.agent, row.id, "不同意")
    for person in (quality.qa, quality.other, quality.agent):
        with pytest.raises(Forbidden):
            decide(quality, appeal, by=person)
    assert decide(quality, appeal).appeal.decided_by_id == quality.leader.id


def test_an_appeal_is_decided_once_with_a_word_to_the_agent(quality):
    _row, appeal = objected(quality)
    with pytest.raises(InvalidInput):
        decide(quality, appeal, note="  ")
    decide(quality, appeal, is_upheld=False)
    with pytest.raises(Conflict):
        decide(quality, appeal)
    with pytest.raises(NotFound):
        quality.run(
            appeals.decide_appeal, quality.leader, quality.base, 999, is_upheld=True, note="无"
        )


@pytest.mark.parametrize("decision", ["open", "false_alarm"])
def test_what_is_not_held_against_one_needs_no_appeal(quality, decision):
    row = quality.decided(RUDE, decision)
    with pytest.raises(Conflict):
        quality.run(appeals.appeal_flag, quality.agent, row.id, "不同意")


def test_appeals_are_ones_own_in_time_and_made_once(quality):
    row, _appeal = objected(quality)
    with pytest.raises(Conflict):
        quality.run(appeals.appeal_flag, quality.agent, row.id, "再说一次")
    late = quality.decided(f"{RUDE}吗", "confirmed")
    with pytest.raises(Conflict) as caught:
        quality.run(
            appeals.appeal_flag, quality.agent, late.id, "太晚", now=quality.now + timedelta(days=8)
        )
    assert caught.value.details == {"days": 7}
    with pytest.raises(NotFound):
        quality.run(appeals.appeal_flag, quality.make.staff(), late.id, "不是我的")
    with pytest.raises(InvalidInput):
        quality.run(appeals.appeal_flag, quality.agent, late.id, " ")
    assert quality.run(appeals.list_appeals, quality.qa, state="open").total == 1
    assert len(quality.run(appeals.own_appeals, quality.agent)) == 1
    with pytest.raises(Forbidden):
        quality.run(appeals.list_appeals, quality.agent)


def test_an_upheld_appeal_strikes_a_card_out_and_lets_it_be_made_anew(served):
    card = score(served)
    appeal = served.run(appeals.appeal_card, served.agent, card.id, "结果当天就处理完了")
    with pytest.raises(Forbidden):
        decide(served, appeal, by=served.qa)
    decide(served, appeal)
    assert served.run(scoring.figures) == []
    again = score(served, by=served.other, points={**POINTS, "outcome": 5})
    assert again.total == 86.0
    with served.make.database.reading() as session:
        assert session.get(Scorecard, card.id).withdrawn_at is not None
    with pytest.raises(Conflict):
        served.run(appeals.appeal_card, served.agent, card.id, "再说一次")
    with pytest.raises(NotFound):
        served.run(appeals.appeal_card, served.leader, again.id, "不是我的")


def test_two_judges_who_agree_on_a_false_alarm_draft_an_exception_once(quality):
    quality.decided(RUDE, "false_alarm")
    quality.run(second.draw, share=1.0, seed="s", now=quality.now)
    (blind,) = quality.run(second.waiting, quality.other).rows
    judgement = quality.run(second.judge_again, quality.other, blind.id, "false_alarm")
    for _ in range(2):
        made = quality.run(draft_agreed, quality.other, quality.base, judgement, why="引用")
        assert len(made) >= 1
    assert quality.run(drafts.count_drafts) == len(made)
    judgement.second_decision = "confirmed"
    assert quality.run(draft_agreed, quality.other, quality.base, judgement, why="引用") == ()
