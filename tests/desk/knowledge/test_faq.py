"""Answers: written, checked, approved by another, given by the bot the next moment."""

from datetime import timedelta

import pytest

from desk.catalog.service import find_faq, find_faq_by_wording
from desk.clock import to_local, utc_now
from desk.errors import Conflict, Forbidden, InvalidInput, NotFound
from desk.knowledge import editing, faq, listing
from desk.knowledge.listing import Wanted

POOL = {
    "code": "f-pool", "intent": "不属于任何意图（只按问法匹配）", "question": "小区有游泳池吗？",
    "phrasings": "有没有游泳池\n小区有泳池吗", "answer": "小区目前没有游泳池。", "owner": "物业部",
}  # fmt: skip


def write(keepers, staff=None, why="客户常问", base=None, submitted=True, **cells):
    return keepers.run(
        faq.write, staff or keepers.leader, keepers.checker, {**POOL, **cells},
        why=why, base_version=base, is_submitted=submitted,
    )  # fmt: skip


def decide(keepers, revision, is_approved=True, staff=None, note=""):
    who = staff or keepers.other
    return keepers.run(
        faq.decide, who, keepers.checker, revision.id, is_approved=is_approved, note=note
    )


def row_of(keepers, code="F-POOL"):
    return keepers.run(listing.find_by_code, keepers.leader, "faq", code)


def asked(keepers, text, **values):
    found = keepers.run(find_faq_by_wording, text, **values)
    return found and found.answer


def test_nobody_hears_an_answer_before_another_person_approved_it(keepers):
    revision = write(keepers)
    assert asked(keepers, "有没有游泳池") is None
    with pytest.raises(Forbidden):
        decide(keepers, revision, staff=keepers.leader)
    with pytest.raises(Forbidden):
        decide(keepers, revision, staff=keepers.agent)
    decide(keepers, revision)
    assert asked(keepers, "有没有游泳池") == POOL["answer"]
    assert asked(keepers, "请问有没有游泳池？") == POOL["answer"]
    assert asked(keepers, "小区有游泳池吗") is None
    assert asked(keepers, "小区有游泳池吗", with_questions=True) == POOL["answer"]
    with pytest.raises(Conflict):
        decide(keepers, revision)
    history = keepers.run(editing.history, keepers.agent, "faq", row_of(keepers).id)
    assert [(one.who, one.action, one.origin) for one in history] == [
        ("周敏", "created", "approval")
    ]


def test_only_the_same_wording_is_the_same_wording(keepers):
    decide(keepers, write(keepers))
    assert asked(keepers, "有没有游泳池啊")
    others = ("有沒有游泳池", "有没有健身房", "游泳池几点开门有没有救生员在", "有", "", "？？？")
    assert [text for text in others if asked(keepers, text)] == []


def test_a_wording_that_the_check_stops_is_kept_as_a_draft_only(keepers):
    rude = "没有，急什么，自己不会看吗。"
    with pytest.raises(InvalidInput) as caught:
        write(keepers, answer=rude)
    assert "自己不会看" in caught.value.details["problems"]
    draft = write(keepers, answer=rude, submitted=False)
    assert [one.id for one in keepers.run(faq.pending, keepers.leader)] == [draft.id]
    assert keepers.run(faq.pending, keepers.other) == []
    with pytest.raises(Conflict):
        decide(keepers, draft)
    again = write(keepers)
    assert again.id == draft.id, "one's own draft is written over"


WRONG = [
    ({"phrasings": "我叫王建国，电话13800138000，有泳池吗"}, "errors.faq_personal"),
    ({"valid_until": "2020-01-01"}, "errors.faq_over"),
    ({"intent": "没有的意图"}, "errors.knowledge_invalid"),
    ({"answer": ""}, "errors.knowledge_invalid"),
    ({"code": "有汉字"}, "errors.knowledge_invalid"),
    ({"phrasings": "\n".join(f"问法{n}" for n in range(51))}, "errors.knowledge_invalid"),
]


def test_what_cannot_be_an_answer(keepers):
    for cells, key in WRONG:
        with pytest.raises(InvalidInput) as caught:
            write(keepers, **cells)
        assert caught.value.key == key, cells
    with pytest.raises(InvalidInput):
        write(keepers, why=" ")


def test_one_phrasing_has_one_answer(keepers):
    decide(keepers, write(keepers))
    with pytest.raises(Conflict) as caught:
        write(keepers, code="F-2", phrasings="有没有 游泳池")
    assert caught.value.details["code"] == "F-POOL"


def test_a_change_goes_the_same_way_and_never_over_anothers(keepers):
    decide(keepers, write(keepers))
    with pytest.raises(Conflict):
        write(keepers, base=None)
    mine = write(keepers, base=1, answer="游泳池明年开放。")
    theirs = write(keepers, keepers.other, base=1, answer="有室内游泳池。")
    assert asked(keepers, "有没有游泳池") == POOL["answer"]
    decide(keepers, mine)
    assert asked(keepers, "有没有游泳池") == "游泳池明年开放。"
    with pytest.raises(Conflict) as caught:
        decide(keepers, theirs, staff=keepers.leader)
    assert caught.value.details["what"] == "答复"
    decide(keepers, theirs, is_approved=False, staff=keepers.leader, note="已经改过")
    assert keepers.run(faq.find_revision, theirs.id).note == "已经改过"
    assert keepers.run(faq.pending, keepers.leader) == []


def test_an_answer_ends_with_its_day_and_when_it_is_retired(keepers):
    today = to_local(utc_now()).date()
    decide(keepers, write(keepers, valid_until=today.isoformat()))
    assert asked(keepers, "有没有游泳池")
    with keepers.make.database.transaction() as session:
        row = listing.find_by_code(session, keepers.leader, "faq", "F-POOL")
        row.valid_until = today - timedelta(days=1)
    assert asked(keepers, "有没有游泳池") is None
    assert keepers.run(find_faq, "out_of_scope") is None
    wanted = Wanted(state="expired")
    assert keepers.run(listing.search, keepers.leader, "faq", wanted, limit=5).total == 1
    row = row_of(keepers)
    keepers.run(editing.retire, keepers.leader, "faq", row.id, version=row.version)
    with pytest.raises(InvalidInput):
        keepers.run(
            editing.retire, keepers.leader, "faq", row.id, version=row.version + 1, is_retired=False
        )
    decide(keepers, write(keepers, base=row_of(keepers).version))
    assert asked(keepers, "有没有游泳池")


def test_several_are_approved_at_once_and_those_that_cannot_be_are_named(keepers):
    first = write(keepers)
    second = write(keepers, code="F-GYM", question="有健身房吗", phrasings="有没有健身房")
    own = write(keepers, keepers.other, code="F-OWN", question="有球场吗", phrasings="有没有球场")
    ids = [first.id, second.id, own.id, 999]
    done, left = keepers.run(faq.approve_all, keepers.other, keepers.checker, ids)
    assert (done, left) == (2, ["F-OWN", "999"])
    assert asked(keepers, "有没有健身房")
    keepers.run(faq.drop, keepers.other, own.id)
    with pytest.raises(Conflict):
        keepers.run(faq.drop, keepers.other, own.id)
    with pytest.raises(NotFound):
        keepers.run(faq.drop, keepers.other, 999)
    assert keepers.run(faq.free_code) == "F-0004"
