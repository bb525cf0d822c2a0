"""Rule changes: drafted, judged by the gate, published, rolled back, rebuilt."""

import pytest

from desk.errors import Conflict, Forbidden, InvalidInput, NotFound
from desk.rulebook import drafts, gate, publishing
from desk.rulebook.bodies import Overlay, body_of, rule_of
from desk.rulebook.exceptions import Wrong, phrase_around, with_exception
from desk.rulebook.export import packs_with
from scripts_library.checking.checker import Checker
from scripts_library.checking.packs import PACKS_DIR, load_rule_set, read_rule_set

LANTERN = {
    "category": "refusal",
    "severity": "warn",
    "clause": "测试条款",
    "reason": "只有拒绝",
    "better": ["请稍等，我为您问一下。"],
    "patterns": ["灯笼不(给|借)"],
    "examples": {"must": ["灯笼不借"], "must_not": ["灯笼可以借"]},
}
LABELLED = (("灯笼不借给你", ("refusal",)), ("灯笼您随便用", ("none",)), ("您好", ("none",)))
FEW = ("context.yml", "taboo_book.yml", "words.yml")
PACKS = {name: (PACKS_DIR / name).read_bytes() for name in FEW}


@pytest.fixture(scope="module")
def base():
    """A few of the packs: the gate looks at every rule there is."""
    return read_rule_set(PACKS)


@pytest.fixture
def people(make):
    return {"qa": make.staff("qa"), "leader": make.staff("supervisor"), "agent": make.staff()}


@pytest.fixture
def run(database, base):
    with database.transaction() as session:
        publishing.keep_base(session, base, PACKS)

    def run(function, *args, **values):
        with database.transaction() as session:
            return function(session, *args, **values)

    return run


@pytest.fixture
def save(run, people, base):
    def save(body=LANTERN, rule_id="refusal.lantern", by="qa", **values):
        overlay = run(publishing.published)
        return run(
            drafts.save_draft, people[by], base, overlay,
            **{"rule_id": rule_id, "body": body, "why": "试一试", **values},
        )  # fmt: skip

    return save


@pytest.fixture
def passed(run, people, base):
    """Let a draft have passed the gate, as the gate's own tests show it can."""

    def passed(draft, report=None):
        version = run(publishing.published).lay(base).version
        key = drafts.gate_key(draft, version)
        report = report or {"passed": True, "failures": []}
        return run(drafts.keep_gate, people["qa"], draft.id, report, key=key)

    return passed


@pytest.fixture
def publish(run, people, base):
    def publish(draft, by="qa"):
        return run(publishing.publish, people[by], draft.id, base)

    return publish


def in_force(run, base):
    return run(publishing.published).lay(base)


def test_a_draft_is_published_and_counts(run, base, save, passed, publish):
    draft = save()
    passed(draft)
    version = publish(draft)
    rules = in_force(run, base)
    assert (version.number, version.version, version.kind) == (1, rules.version, "publish")
    assert Checker(rules).finds("这个灯笼不借", "refusal.lantern")
    assert (version.why, version.rule_id) == ("试一试", "refusal.lantern")
    with pytest.raises(Conflict):
        publish(draft)


def test_nothing_is_published_without_the_gate(save, passed, publish):
    draft = save()
    with pytest.raises(Conflict) as caught:
        publish(draft)
    assert caught.value.key == "errors.gate_missing"
    passed(draft, {"passed": False, "failures": [["recall", "refusal"]]})
    with pytest.raises(Conflict) as caught:
        publish(draft)
    assert caught.value.key == "errors.gate_failed"


def test_the_gate_counts_for_this_wording_on_these_rules_only(save, passed, publish):
    draft, other = save(), save(rule_id="refusal.lamp")
    passed(draft)
    passed(other)
    publish(other)
    with pytest.raises(Conflict):
        publish(draft)
    passed(draft)
    save({**LANTERN, "reason": "改了"}, draft_id=draft.id)
    with pytest.raises(Conflict):
        publish(draft)


def test_what_blocks_is_published_by_a_leader_who_did_not_write_it(save, passed, publish):
    blocking = {**LANTERN, "severity": "block"}
    draft = save(blocking)
    passed(draft)
    with pytest.raises(Forbidden):
        publish(draft, by="qa")
    publish(draft, by="leader")
    own = save(blocking, rule_id="refusal.lamp", by="leader")
    passed(own)
    with pytest.raises(Forbidden):
        publish(own, by="leader")
    softened = save({**LANTERN}, by="qa")
    passed(softened)
    with pytest.raises(Forbidden):
        publish(softened, by="qa")


def test_agents_can_do_nothing_here(run, people, save, passed, base):
    with pytest.raises(Forbidden):
        save(by="agent")
    draft = save()
    passed(draft)
    for function, *more in (
        (drafts.submit_draft,), (drafts.drop_draft,), (publishing.publish, base),
    ):  # fmt: skip
        with pytest.raises(Forbidden):
            run(function, people["agent"], draft.id, *more)
    with pytest.raises(Forbidden):
        run(publishing.rollback, people["qa"], 0, base, why="退回")


@pytest.mark.parametrize(
    ("changes", "part"),
    [
        ({"patterns": ["(甲"]}, "缺少"),
        ({"severity": "hard"}, "severity"),
        ({"clause": " "}, "clause"),
        ({"patterns": []}, "patterns"),
        ({"better": [""]}, "better"),
        ({"exceptions": [{"pattern": "灯笼"}]}, "why"),
        ({"patterns": ["<没有>"]}, "没有词组"),
        ({"examples": {}}, "must"),
        ({"category": "none"}, "category"),
    ],
)
def test_a_malformed_rule_is_refused_with_what_is_wrong(save, changes, part):
    with pytest.raises(InvalidInput) as caught:
        save({**LANTERN, **changes})
    assert part in caught.value.details["problems"]


@pytest.mark.parametrize(
    "rule_id", ["", "refusal", "Refusal.x", "a.b c", "a.13900000000", "a." * 50]
)
def test_a_malformed_id_is_refused(save, rule_id):
    with pytest.raises(InvalidInput):
        save(rule_id=rule_id)


def test_a_rule_may_not_be_endless(save):
    with pytest.raises(InvalidInput):
        save({**LANTERN, "patterns": [f"灯笼{n}不借" for n in range(20_000)]})


def test_texts_are_cleaned(save):
    draft = save({**LANTERN, "reason": " 只有\x00拒绝\u202e ", "patterns": [" 灯笼不借 ", ""]})
    assert (draft.body["reason"], draft.body["patterns"]) == ("只有拒绝", ["灯笼不借"])


def test_a_reason_is_needed(save):
    for why in ("", " \x00", "长" * 1001):
        with pytest.raises(InvalidInput):
            save(why=why)


def test_a_rule_can_be_taken_out_and_comes_back_by_rollback(
    run, base, people, save, passed, publish
):
    first = base.rules[0]
    draft = save(None, rule_id=first.id)
    passed(draft)
    publish(draft, by="leader")
    assert rule_of(in_force(run, base), first.id) is None
    run(publishing.rollback, people["leader"], 0, base, why="删错了")
    assert in_force(run, base) == base
    assert [row.kind for row in run(publishing.history)] == ["rollback", "publish"]
    with pytest.raises(InvalidInput):
        save(None, rule_id="refusal.no-such-rule")
    with pytest.raises(Conflict):
        run(publishing.rollback, people["leader"], 0, base, why="再退")
    with pytest.raises(NotFound):
        run(publishing.rollback, people["leader"], 9, base, why="再退")


def test_the_rules_of_any_day_can_be_rebuilt(run, base, people, save, passed, publish):
    draft = save()
    passed(draft)
    first = publish(draft)
    softer = save({**LANTERN, "severity": "hint"})
    passed(softer)
    second = publish(softer)
    texts = {}
    for version in (base.version, first.version, second.version):
        rules = run(publishing.rules_at, version)
        assert rules.version == version
        flags = Checker(rules).check("灯笼不借").flags
        texts[version] = [flag.severity.label for flag in flags]
    assert texts == {base.version: [], first.version: ["warn"], second.version: ["hint"]}
    with pytest.raises(NotFound):
        run(publishing.rules_at, "0" * 12)


def test_two_publishers_at_once_do_not_lose_a_change(database, base, people, save, passed):
    draft, other = save(), save(rule_id="refusal.lamp")
    passed(draft)
    passed(other)
    with database.transaction() as session:
        publishing.publish(session, people["qa"], draft.id, base)
    with pytest.raises(Conflict), database.transaction() as session:
        publishing.publish(session, people["qa"], other.id, base)


def test_a_dropped_draft_is_settled(run, people, save):
    draft = save()
    assert run(drafts.submit_draft, people["qa"], draft.id).state == "submitted"
    assert [one.id for one in run(drafts.list_drafts, people["qa"])] == [draft.id]
    run(drafts.drop_draft, people["qa"], draft.id)
    assert run(drafts.count_drafts) == 0
    with pytest.raises(Conflict):
        save(draft_id=draft.id)
    with pytest.raises(NotFound):
        save(draft_id=draft.id + 1)


# Bodies and overlays


def test_a_body_says_all_a_rule_says(base):
    for rule in base.rules:
        changed = {**body_of(rule), "clause": "别的"}
        laid = Overlay().with_change(base, rule.id, changed).lay(base)
        assert body_of(rule_of(laid, rule.id)) == changed


def test_saying_again_what_the_program_says_is_no_change(base):
    rule = base.rules[0]
    overlay = Overlay().with_change(base, rule.id, None).with_change(base, rule.id, body_of(rule))
    assert overlay.lay(base) is base


# The gate


def judged(base, body, rule_id="refusal.lantern", labelled=LABELLED, **values):
    laid = Overlay().with_change(base, rule_id, body and {"id": rule_id, **body}).lay(base)
    return gate.judge(base, laid, rule_id, labelled=labelled, **values)


def kinds(report):
    return [failure.kind for failure in report.failures]


def test_the_gate_passes_what_finds_more_and_harms_nothing():
    report, changed = judged(load_rule_set(), LANTERN, past=["灯笼不借", "您好"])
    assert report.is_passed
    assert (report.recall["refusal"].before, report.recall["refusal"].after) == (0, 1)
    assert report.past == {"replies": 2, "newly": 1, "no_longer": 0}
    assert changed.rules_added == ("refusal.lantern",)
    assert report.as_json()["passed"] is True


def test_the_gate_stops_new_false_alarms_and_names_them(base):
    report, _ = judged(base, {**LANTERN, "patterns": ["灯笼您随便用", "灯笼不借"]})
    assert kinds(report) == ["false_alarms"]
    assert report.alarms == ("灯笼您随便用",)


def test_the_gate_stops_less_recall_and_failing_examples(base):
    rule = next(rule for rule in base.rules if len(rule.must) and rule.patterns)
    labelled = ((rule.must[0], (rule.category,)),)
    report, _ = judged(base, None, rule.id, labelled)
    assert report.recall[rule.category].before == 1
    if report.recall[rule.category].after == 0:
        assert "recall" in kinds(report)
        assert report.lost == (rule.must[0],)
    weaker = {**body_of(rule), "patterns": ["灯笼不借"]}
    report, _ = judged(base, weaker, rule.id, labelled)
    assert "example" in kinds(report)


def test_the_gate_stops_a_better_wording_that_is_flagged_itself(base):
    report, _ = judged(base, {**LANTERN, "better": ["急什么，没看到我在忙着吗"]})
    assert kinds(report) == ["better"]


def test_the_gate_stops_rules_that_excuse_all_they_match(base):
    report, _ = judged(base, {**LANTERN, "exceptions": [{"pattern": "灯笼", "why": "都放行"}]})
    assert {"contradiction", "example"} <= set(kinds(report))


# Exceptions out of false alarms


def test_an_exception_lets_the_wrong_flag_pass_and_no_more(base):
    checker = Checker(base)
    text = "您上次说急什么急，我们记下了"
    flags = [flag for flag in checker.check("急什么急").flags if flag.severity > 1]
    rule = rule_of(base, flags[0].rule_id)
    start = text.index("急什么急")
    wrong = Wrong(1, text, start, start + 4, rule.id)
    body = with_exception(body_of(rule), wrong, "引用")
    laid = Overlay().with_change(base, rule.id, body).lay(base)
    assert not Checker(laid).finds(text, rule.id)
    assert Checker(laid).finds("急什么急", rule.id)
    assert body["examples"]["must_not"][-1] == "您上次说急什么急"


@pytest.mark.parametrize(
    ("text", "words", "phrase"),
    [
        ("好的，您别急什么都好说，谢谢", "急什么", "您别急什么都好说"),
        ("电话13900000000急什么", "急什么", "急什么"),
        ("急什么13900000000", "急什么", "急什么"),
        ("急什么", "急什么", "急什么"),
    ],
)
def test_the_phrase_keeps_to_its_clause_and_has_no_long_numbers(text, words, phrase):
    start = text.index(words)
    assert phrase_around(text, start, start + len(words)) == phrase


# Back to files


def test_the_published_set_can_be_written_back_as_packs(base):
    first, second = base.rules[0], base.rules[1]
    overlay = (
        Overlay()
        .with_change(base, first.id, {**body_of(first), "clause": "改过的条款"})
        .with_change(base, second.id, None)
        .with_change(base, "refusal.lantern", {"id": "refusal.lantern", **LANTERN})
    )
    written = packs_with(overlay, PACKS)
    read = read_rule_set({name: text.encode() for name, text in written.items()})
    laid = overlay.lay(base)
    assert [body_of(rule) for rule in read.rules] == [body_of(rule) for rule in laid.rules]
    assert read.contexts == laid.contexts
    untouched = [name for name in PACKS if first.file != name != second.file]
    assert untouched
    assert all(written[name].encode() == PACKS[name] for name in untouched)


def test_without_changes_the_files_stay_as_they_are():
    assert packs_with(Overlay(), PACKS) == {name: data.decode() for name, data in PACKS.items()}
