"""Which replies are drawn: the same for a seed, evenly or by risk."""

from collections import Counter
from datetime import timedelta

import pytest

from desk.errors import InvalidInput
from desk.reviews.drawing import Candidate, draw_by_risk, draw_evenly, signs
from desk.reviews.quality_settings import FILE, POINTS, SIGNS, quality_settings, read_settings

SETTINGS = quality_settings()


def candidate(number, text="好的，我这就为您查询一下进度。", **values):
    defaults = {"asked": "请问进度怎样", "waited": timedelta(minutes=1), "is_urgent": False}
    return Candidate(
        message_id=number,
        conversation_id=f"c{number}",
        agent_id=1,
        text=text,
        **{**defaults, "has_record": False, **values},
    )


def ids(drawn):
    return [one.candidate.message_id for one in drawn]


def test_the_same_seed_draws_the_same_whatever_the_order():
    many = [candidate(n) for n in range(200)]
    assert ids(draw_evenly(many, 20, "a")) == ids(draw_evenly(many[::-1], 20, "a"))
    assert ids(draw_evenly(many, 20, "a")) != ids(draw_evenly(many, 20, "b"))
    by_risk = ids(draw_by_risk(many, 20, "a", SETTINGS))
    assert by_risk == ids(draw_by_risk(many[::-1], 20, "a", SETTINGS))
    assert len(set(by_risk)) == 20


@pytest.mark.parametrize("draw", [draw_evenly, lambda *a: draw_by_risk(*a, SETTINGS)])
def test_fewer_than_wanted_are_all_drawn_and_of_none_nothing(draw):
    assert sorted(ids(draw([candidate(1), candidate(2)], 20, "a"))) == [1, 2]
    assert draw([], 20, "a") == []
    assert draw([candidate(1)], 0, "a") == []


def test_an_even_draw_gives_all_the_same_chance():
    many = [candidate(n, is_urgent=n < 5) for n in range(10)]
    counts = Counter(n for seed in range(2000) for n in ids(draw_evenly(many, 1, str(seed))))
    assert max(counts.values()) < 1.4 * min(counts.values())


def test_a_draw_by_risk_favours_the_risky_and_leaves_the_others_a_chance():
    many = [candidate(n, is_urgent=n < 5, has_record=n < 5) for n in range(10)]
    weight = 1 + SETTINGS.risk["urgent"] + SETTINGS.risk["record"]
    drawn = [draw_by_risk(many, 1, str(seed), SETTINGS)[0] for seed in range(2000)]
    risky = sum(one.candidate.message_id < 5 for one in drawn)
    assert risky / 2000 == pytest.approx(weight / (weight + 1), abs=0.04)
    assert {one.weight for one in drawn} == {1.0, weight}


@pytest.mark.parametrize(
    ("values", "sign"),
    [
        ({"asked": "厨房漏水报修三次都没人管，你们太过分了"}, "grievance"),
        ({"is_urgent": True}, "urgent"),
        ({"text": "嗯。"}, "curt"),
        ({"waited": timedelta(minutes=30)}, "slow"),
        ({"has_record": True}, "record"),
    ],
)
def test_each_sign_has_its_name(values, sign):
    assert signs(candidate(1, **values), SETTINGS) == (sign,)
    assert signs(candidate(1), SETTINGS) == ()


def test_nobody_waited_is_not_slow():
    assert signs(candidate(1, asked="", waited=None), SETTINGS) == ()


def test_the_settings_that_come_along_are_right():
    assert set(SETTINGS.risk) == set(SIGNS)
    assert SETTINGS.criteria[0].name == "首问负责"
    assert POINTS == 5


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("second_share: 0.2", "second_share: 2", "second_share"),
        ("random_per_day: 20", "random_per_day: 很多", "random_per_day"),
        ("urgent: 2", "urgant: 2", "risk"),
        ("id: outcome", "id: wording", "criteria"),
        ("appeal_days: 7", "appeal_day: 7", "appeal_days"),
    ],
)
def test_wrong_settings_are_refused_by_name(tmp_path, old, new, field):
    content = FILE.read_text(encoding="utf-8")
    assert old in content
    file = tmp_path / "quality.yml"
    file.write_text(content.replace(old, new), encoding="utf-8")
    with pytest.raises(InvalidInput) as caught:
        read_settings(file)
    assert field in caught.value.details["fields"]


@pytest.mark.parametrize("content", [b"\xff\xfe", b"a: [", None])
def test_settings_that_cannot_be_read_are_refused(tmp_path, content):
    file = tmp_path / "quality.yml"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(InvalidInput):
        read_settings(file)
