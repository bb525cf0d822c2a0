"""Samples of unflagged replies, kept apart; second judgements, blind."""

from datetime import timedelta

import pytest

from desk.errors import Conflict, Forbidden, InvalidInput, NotFound
from desk.reviews import sampling, second, service
from desk.reviews.drawing import draw_evenly
from desk.reviews.quality_models import QualityDraw, RandomSample, RiskSample

RUDE = "急什么，没看到我在忙着吗"


def draw(quality, kind="random", count=20, seed="s", now=None):
    pool = quality.run(sampling.pool, kind, now=now or quality.now)
    if pool is None:
        return None
    drawn = draw_evenly(pool.candidates, count, seed)
    return quality.run(sampling.store, pool, drawn, seed=seed)


def samples(quality, kind="random", **values):
    return quality.run(sampling.list_samples, quality.qa, kind, **values)


def test_a_draw_takes_unflagged_replies_and_can_be_redone(quality):
    clean = quality.replies("您好，我马上为您查。", "维修师傅下午三点到。")
    (rude,) = quality.replies("随便一句")
    quality.flagged(RUDE, message_id=rude.id, outcome="sent")
    assert draw(quality) == 2
    found = samples(quality)
    assert {row.message_id for row in found.rows} == {one.id for one in clean}
    assert found.total == 2
    row = found.rows[0].draw
    assert (row.kind, row.seed, row.population, row.drawn) == ("random", "s", 2, 2)


def test_a_candidate_knows_what_was_asked_and_how_long_it_took(quality):
    quality.replies("您好")
    pool = quality.run(sampling.pool, "risk", now=quality.now)
    (one,) = pool.candidates
    assert one.asked.startswith("电梯坏了三天")
    assert timedelta(0) <= one.waited < timedelta(minutes=5)
    assert (one.is_urgent, one.has_record) == (False, False)
    quality.decided(RUDE, "confirmed")
    (one,) = quality.run(sampling.pool, "risk", now=quality.now).candidates
    assert one.has_record


def test_a_day_has_one_draw_of_each_kind_and_the_next_goes_on_where_it_ended(quality):
    quality.replies("第一句")
    assert draw(quality) == 1
    assert draw(quality) is None
    assert draw(quality, "risk") == 1
    tomorrow = quality.now + timedelta(days=1)
    assert draw(quality, now=tomorrow) == 0
    quality.replies("第二句")
    # Drawn already up to now: what came before the end of a draw is not drawn again.
    assert samples(quality).total == 1
    assert samples(quality, "risk").total == 1


def test_two_processes_draw_once(quality):
    quality.replies("您好")
    pools = [quality.run(sampling.pool, "random", now=quality.now) for _ in range(2)]
    stored = [
        quality.run(sampling.store, pool, draw_evenly(pool.candidates, 5, "s"), seed="s")
        for pool in pools
    ]
    assert stored == [1, 0]
    with quality.make.database.reading() as session:
        assert session.query(QualityDraw).count() == 1


def test_the_two_samples_have_tables_and_figures_of_their_own(quality):
    quality.replies("一", "二", "三")
    draw(quality)
    draw(quality, "risk")
    for number, row in enumerate(samples(quality).rows):
        finding = "missed" if number == 0 else "fine"
        quality.run(
            sampling.decide_sample, quality.qa, "random", row.id, finding=finding,
            category="impatience",
        )  # fmt: skip
    random, risk = (quality.run(sampling.figures, kind) for kind in ("random", "risk"))
    assert (random.missed.count, random.missed.total, random.open) == (1, 3, 0)
    assert (risk.missed.count, risk.missed.total, risk.open) == (0, 0, 3)
    assert (random.is_unbiased, risk.is_unbiased) == (True, False)
    with quality.make.database.reading() as session:
        assert [row.category for row in session.query(RandomSample).order_by("finding")] == [
            None, None, "impatience",
        ]  # fmt: skip
        assert session.query(RiskSample).filter_by(finding="open").count() == 3


def test_a_sample_is_judged_by_qa_and_with_a_category(quality):
    quality.replies("您好")
    draw(quality)
    (row,) = samples(quality).rows

    def decide(by, kind="random", sample_id=row.id, **values):
        return quality.run(sampling.decide_sample, by, kind, sample_id, **values)

    with pytest.raises(Forbidden):
        decide(quality.agent, finding="fine")
    with pytest.raises(InvalidInput):
        decide(quality.qa, finding="missed")
    with pytest.raises(InvalidInput):
        decide(quality.qa, finding="maybe")
    with pytest.raises(InvalidInput):
        decide(quality.qa, kind="all", finding="fine")
    with pytest.raises(NotFound):
        decide(quality.qa, sample_id=row.id + 1, finding="fine")
    decided = decide(quality.qa, finding="missed", category="refusal", note=" 语气生硬 ")
    assert (decided.category, decided.note, decided.decided_by_id) == (
        "refusal", "语气生硬", quality.qa.id,
    )  # fmt: skip
    taken_back = decide(quality.qa, finding="open")
    assert (taken_back.category, taken_back.decided_by_id) == (None, None)


def test_nobody_judges_their_own_reply(quality):
    leader = quality.leader
    quality.replies("您好")
    draw(quality)
    (row,) = samples(quality).rows
    with quality.make.database.transaction() as session:
        session.get(RandomSample, row.id).agent_id = leader.id
    own = quality.flagged(RUDE, agent_id=leader.id)
    with pytest.raises(Forbidden):
        quality.run(sampling.decide_sample, leader, "random", row.id, finding="fine")
    with pytest.raises(Forbidden):
        quality.run(service.decide, leader, own.id, "false_alarm")


# Second judgements


@pytest.fixture
def drawn(quality):
    """A confirmed flag that was drawn for a second judgement."""
    row = quality.decided(RUDE, "confirmed")
    assert quality.run(second.draw, share=1.0, seed="s", now=quality.now) == 1
    return row


def waiting(quality, by=None):
    return quality.run(second.waiting, by or quality.other)


def test_the_second_judge_sees_nothing_of_the_first(quality, drawn):
    (blind,) = waiting(quality).rows
    assert (blind.flagged_id, blind.text) == (drawn.id, RUDE)
    assert not {"decision", "decided_by", "decision_note", "first_decision"} & set(
        type(blind).__slots__
    )
    listed = quality.run(service.list_flagged, decision="confirmed", viewer=quality.other)
    assert listed.total == 0
    everything = quality.run(service.list_flagged, viewer=quality.other)
    assert quality.run(service.hidden_from, quality.other, everything.rows) == {drawn.id}
    assert quality.run(service.hidden_from, quality.qa, everything.rows) == set()


def test_the_first_judge_and_the_agent_are_not_asked(quality, drawn):
    assert waiting(quality, quality.qa).total == 0
    (blind,) = waiting(quality).rows
    for person in (quality.qa, quality.agent):
        with pytest.raises(Forbidden):
            quality.run(second.judge_again, person, blind.id, "confirmed")


def test_the_usual_page_is_no_way_around(quality, drawn):
    with pytest.raises(Conflict):
        quality.run(service.decide, quality.other, drawn.id, "false_alarm")


def test_a_second_judgement_is_made_once_and_then_shown(quality, drawn):
    (blind,) = waiting(quality).rows
    with pytest.raises(InvalidInput):
        quality.run(second.judge_again, quality.other, blind.id, "open")
    with pytest.raises(InvalidInput):
        quality.run(second.judge_again, quality.other, blind.id, "coach")
    quality.run(second.judge_again, quality.other, blind.id, "false_alarm", "是引用客户的话")
    with pytest.raises(Conflict):
        quality.run(second.judge_again, quality.leader, blind.id, "confirmed")
    with pytest.raises(NotFound):
        quality.run(second.judge_again, quality.other, blind.id + 1, "confirmed")
    (apart,) = quality.run(second.disagreements, quality.qa)
    assert (apart.first_decision, apart.second_decision) == ("confirmed", "false_alarm")
    everything = quality.run(service.list_flagged, viewer=quality.leader)
    assert quality.run(service.hidden_from, quality.leader, everything.rows) == set()


def test_kappa_compares_the_first_decisions_as_they_were(quality):
    texts = [f"{RUDE}{n}" for n in range(4)]
    for text, decision in zip(texts, ["confirmed", "confirmed", "false_alarm", "false_alarm"],
                              strict=True):  # fmt: skip
        quality.decided(text, decision)
    quality.run(second.draw, share=1.0, seed="s", now=quality.now)
    answers = {texts[0]: "confirmed", texts[1]: "confirmed", texts[2]: "false_alarm"}
    for blind in waiting(quality).rows:
        quality.run(
            second.judge_again, quality.other, blind.id, answers.get(blind.text, "confirmed")
        )
    found = quality.run(second.agreement)
    assert (found.pairs, found.observed, found.kappa) == (4, 0.75, 0.5)
    (apart,) = quality.run(second.disagreements, quality.qa)
    quality.run(service.decide, quality.leader, apart.flagged_id, "confirmed")
    assert quality.run(second.agreement).kappa == 0.5
    assert quality.run(second.agreement, since=quality.now).pairs == 0


def test_the_share_is_that_of_the_decided_and_each_is_drawn_once(quality):
    for n in range(40):
        quality.decided(f"{RUDE}{n}", "confirmed")
    quality.flagged(f"{RUDE}，还没人看")
    count = quality.run(second.draw, share=0.5, seed="s", now=quality.now)
    assert 10 <= count <= 30
    assert quality.run(second.draw, share=1.0, seed="t", now=quality.now) == 0
    assert quality.run(second.draw, share=1.0, seed="t",
                       now=quality.now + timedelta(days=1)) == 0  # fmt: skip


def test_agents_have_no_part_in_it(quality, drawn):
    for function in (second.waiting, second.disagreements):
        with pytest.raises(Forbidden):
            quality.run(function, quality.agent)
