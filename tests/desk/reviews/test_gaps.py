"""Questions without a script: found, grouped, settled; and how scripts are used."""

from datetime import timedelta

import pytest

from desk.clock import utc_now
from desk.conversations import service as conversations
from desk.errors import Forbidden, NotFound
from desk.reviews import gaps
from desk.reviews.models import SuggestionUse
from desk.reviews.quality_models import QuestionGap
from desk.reviews.script_usage import Usage, usage


@pytest.fixture
def ask(quality):
    """A customer's question and an agent's answer, with a script or without."""

    def ask(question, answer="我帮您看一下。", script=None):
        make = quality.make
        agent = make.staff()
        talk = make.claimed(agent, question)
        make.says(talk, question)
        now = utc_now()
        with make.database.transaction() as session:
            conversations.add_agent_message(
                session, talk.id, agent, client_id="a1", text=answer, now=now
            )
            if script:
                session.add(
                    SuggestionUse(
                        conversation_id=talk.id, script_id=script, staff_id=agent.id,
                        outcome="edited", created_at=now, edit_distance=0.5,
                    )
                )  # fmt: skip
        return talk

    return ask


def find(quality, topic=None, now=None):
    stretch = quality.run(gaps.unread, now=now or quality.now)
    if stretch is None:
        return None
    found = gaps.find(stretch.questions, lambda _text, _intent: topic, lambda _word: True)
    return quality.run(gaps.store, stretch, found, seed="s")


def groups(quality):
    return quality.run(gaps.groups, quality.qa)


def test_alike_questions_come_together_the_largest_group_first(quality, ask):
    for question in ("阳台可以封窗吗", "阳台能不能封窗", "小区有没有游泳池"):
        ask(question)
    assert find(quality) == 3
    first, second = groups(quality)
    assert (first.total, first.none, first.own) == (2, 2, 0)
    assert set(first.examples) == {"阳台可以封窗吗", "阳台能不能封窗"}
    assert second.examples == ("小区有没有游泳池",)


def test_what_a_script_answered_is_no_gap_and_own_words_are_another_kind(quality, ask):
    ask("阳台可以封窗吗", script="property.window")
    ask("阳台可以封窗吗", answer="不同楼栋规定不一样，我查一下再答复您。")
    ask("嗯嗯")
    assert find(quality, topic="window_leak") == 1
    (group,) = groups(quality)
    assert (group.topic, group.none, group.own) == ("window_leak", 0, 1)


def test_a_day_has_one_run(quality, ask):
    ask("阳台可以封窗吗")
    assert find(quality) == 1
    assert find(quality) is None
    assert find(quality, now=quality.now + timedelta(days=1)) == 0


def test_only_words_of_the_library_are_kept(quality, ask):
    ask("我叫张三丰电话13900000000阳台可以封窗吗")
    stretch = quality.run(gaps.unread, now=quality.now)
    found = gaps.find(stretch.questions, lambda *_: None, lambda word: word == "阳台")
    assert [one.key for one in found] == ["阳台"]


def test_settled_questions_leave_the_list(quality, ask):
    ask("阳台可以封窗吗")
    find(quality)
    (group,) = groups(quality)
    assert quality.run(gaps.settle, quality.qa, group.ids, is_written=True) == 1
    assert groups(quality) == []
    assert quality.run(gaps.count_open) == 0
    with pytest.raises(NotFound):
        quality.run(gaps.settle, quality.qa, group.ids, is_written=False)
    with pytest.raises(Forbidden):
        quality.run(gaps.groups, quality.agent)
    with quality.make.database.reading() as session:
        assert session.query(QuestionGap).one().state == "written"


def test_usage_counts_and_means(quality, ask):
    ask("阳台可以封窗吗", script="property.window")
    ask("阳台能封吗", script="property.window")
    found = quality.run(usage)
    assert found["property.window"] == Usage(edited=2, distance=0.5)
    assert not found["property.window"].is_unused
    assert Usage(shown=5, rejected=2).is_unused
    assert quality.run(usage, since=utc_now() + timedelta(hours=1)) == {}
