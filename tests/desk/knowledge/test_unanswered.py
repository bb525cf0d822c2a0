"""What the bot could not answer: found, grouped, masked, settled; examples on their way."""

from datetime import timedelta

import pytest
from ruamel.yaml import YAML

from desk.catalog.intents import faq_intents, intent_names
from desk.catalog.models import Faq
from desk.clock import utc_now
from desk.conversations import service as conversations
from desk.conversations.domain import BotMessage, BotTurn
from desk.errors import Conflict, Forbidden, InvalidInput, NotFound
from desk.knowledge import examples, unanswered
from desk.knowledge.masking import has_personal_data, mask_text
from desk.knowledge.models import ExampleState, Outcome
from desk.settings import PROJECT_DIR
from desk.tickets.domain import NewTicket
from desk.tickets.service import open_ticket


@pytest.fixture
def ask(keepers):
    """A customer's question and what the bot made of it."""

    def ask(text, intent="out_of_scope", confidence=0.9, answer="请您换个说法。", ticket=False):
        make = keepers.make
        talk = make.conversation("您好")
        message = make.says(talk, text)
        with make.database.transaction() as session:
            if ticket:
                new = NewTicket(
                    kind="inquiry", description=f"咨询：{text}", intent=intent,
                    conversation_id=talk.id,
                )  # fmt: skip
                open_ticket(session, new)
            turn = BotTurn((BotMessage(answer),), intent=intent, confidence=confidence)
            conversations.apply_bot_turn(session, talk.id, message.id, turn)
        return message

    return ask


def groups(keepers, **values):
    return keepers.run(unanswered.groups, keepers.leader, **values)


def test_what_was_not_answered_comes_in_groups_the_largest_first(keepers, ask):
    for text in ("小区有没有游泳池", "有没有游泳池", "请问小区有没有游泳池呀"):
        ask(text)
    ask("宠物能不能进电梯", "ask_service_desk", 0.45)
    ask("云栖雅苑对口哪个幼儿园", "ask_school", 0.97, ticket=True)
    ask("房价多少", "ask_price", 0.99)
    ask("嗯", "out_of_scope")
    ask("好的好的", "affirm", 0.5)
    found = groups(keepers)
    assert [(one.total, set(one.kinds)) for one in found] == [
        (3, {"unknown"}), (1, {"no_data"}), (1, {"unsure"}),
    ]  # fmt: skip
    assert found[0].intent is None and found[0].example == "请问小区有没有游泳池呀"
    assert len(found[0].wordings) == 3
    assert {one.intent for one in found[1:]} == {"ask_school", "ask_service_desk"}
    assert [one.kinds for one in groups(keepers, kinds=["unsure"])] == [{"unsure": 1}]
    assert groups(keepers, days=7, now=utc_now() + timedelta(days=8)) == []


def test_nothing_tells_who_the_customer_is(keepers, ask):
    secret = (
        "13800138000",
        "王建国",
        "3栋2单元1201",
        "a@b.com",
        "MC2610080001",
        "一三八零零一三八零零零",
    )
    message = ask("我叫王建国，电话13800138000，住3栋2单元1201，有没有游泳池", answer="好的王建国")
    ask("订单MC2610080001和a@b.com，手机一三八零零一三八零零零")
    shown = repr(groups(keepers)) + repr(
        keepers.run(unanswered.context, keepers.leader, message.id)
    )
    assert not [one for one in secret if one in shown]
    assert "1201" not in shown and "有没有游泳池" in shown


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("电话１３８００１３８０００", "电话〔电话〕"),
        ("身份证110101199003078515", "身份证〔号码〕"),
        ("3栋2单元1201漏水", "3栋2单元〔房号〕漏水"),
        ("3栋在哪里", "3栋在哪里"),
        ("89平98万的还有吗", "89平98万的还有吗"),
        ("2026年11月5日能交房吗", "2026年11月5日能交房吗"),
        ("", ""),
    ],
)
def test_masked(text, masked):
    assert mask_text(text) == masked
    assert has_personal_data(text) is (text != masked)


def test_what_is_settled_leaves_the_list_and_comes_again_when_asked_again(keepers, ask):
    ask("小区有没有游泳池")
    (group,) = groups(keepers)
    settle = unanswered.settle
    with pytest.raises(InvalidInput):
        keepers.run(settle, keepers.leader, group.message_ids, Outcome.DISMISSED)
    for person in (keepers.agent, keepers.qa):
        with pytest.raises(Forbidden):
            keepers.run(unanswered.groups, person)
        with pytest.raises(Forbidden):
            keepers.run(settle, person, group.message_ids, Outcome.FAQ)
    done = keepers.run(
        settle, keepers.leader, group.message_ids, Outcome.DISMISSED, reason="不是我们的小区"
    )
    assert done == 1 and groups(keepers) == []
    assert keepers.run(settle, keepers.leader, group.message_ids, Outcome.FAQ) == 0
    with pytest.raises(NotFound):
        keepers.run(settle, keepers.leader, [2**40, 0], Outcome.FAQ)
    ask("小区有没有游泳池")
    assert groups(keepers)[0].total == 1


def test_what_an_approved_answer_covers_is_off_the_list(keepers, ask):
    ask("小区有没有游泳池")
    ask("有没有泳池呀", "ask_amenities", 0.5)
    with keepers.make.database.transaction() as session:
        row = Faq(
            code="F-1", intent="ask_amenities", question="小区有没有游泳池？", answer="没有。"
        )
        session.add(row)
    assert [one.example for one in groups(keepers)] == ["有没有泳池呀"]
    with keepers.make.database.transaction() as session:
        session.query(Faq).one().phrasings = ["有没有泳池"]
    assert groups(keepers) == []


def test_the_talk_around_a_message(keepers, ask):
    message = ask("有没有游泳池")
    lines = keepers.run(unanswered.context, keepers.leader, message.id)
    assert [(one.sender, one.text, one.is_it) for one in lines] == [
        ("customer", "您好", False), ("customer", "有没有游泳池", True),
        ("bot", "请您换个说法。", False),
    ]  # fmt: skip


def test_thousands_of_messages_are_grouped_in_a_moment():
    now = utc_now()
    found = [
        unanswered.Unanswered(
            n, f"第{n % 700}号楼的问题{n % 13}怎么办{n % 5}", None, "unknown", now
        )
        for n in range(3000)
    ]
    assert sum(group.total for group in unanswered.gather(found)) == 3000


def propose(keepers, text, intent="ask_amenities", staff=None, **values):
    return keepers.run(examples.propose, staff or keepers.leader, text, intent, **values)


def test_an_example_goes_by_another_person_into_a_file_and_nowhere_else(keepers, tmp_path):
    one = propose(keepers, "  旁边有没有 游泳馆啊 ")
    assert one.text == "旁边有没有 游泳馆啊"
    with pytest.raises(Forbidden):
        keepers.run(examples.decide, keepers.leader, one.id, is_approved=True)
    assert YAML(typ="safe").load(keepers.run(examples.approved_file))["nlu"] == []
    keepers.run(examples.decide, keepers.other, one.id, is_approved=True)
    with pytest.raises(Conflict):
        keepers.run(examples.decide, keepers.other, one.id, is_approved=False)
    data = YAML(typ="safe").load(keepers.run(examples.approved_file))
    assert data == {
        "version": "3.1",
        "nlu": [{"intent": "ask_amenities", "examples": "- 旁边有没有 游泳馆啊\n"}],
    }
    states = [len(keepers.run(examples.listed, keepers.other, state)) for state in ExampleState]
    assert states == [0, 1, 0]


NO_EXAMPLES = [
    ("有没有游泳池", "no_such", InvalidInput),
    ("有", "ask_price", InvalidInput),
    ("问" * 101, "ask_price", InvalidInput),
    ("我叫王建国，有没有游泳池", "ask_amenities", InvalidInput),
    ("〔姓名〕家有没有游泳池", "ask_amenities", InvalidInput),
    ("有没有[游泳池](estate)", "ask_amenities", InvalidInput),
    ("包不包安装", "ask_price", Conflict),
    ("包不包 安装", "ask_installation", Conflict),
]


def test_what_cannot_be_an_example(keepers):
    for text, intent, error in NO_EXAMPLES:
        with pytest.raises(error):
            propose(keepers, text, intent)
    assert keepers.run(examples.listed, keepers.leader, ExampleState.PROPOSED) == []


def test_each_example_is_proposed_once_until_it_was_refused(keepers):
    one = propose(keepers, "旁边有没有游泳馆啊")
    with pytest.raises(Conflict):
        propose(keepers, "旁边有没有游泳馆啊", "ask_location")
    keepers.run(examples.decide, keepers.leader, one.id, is_approved=False)
    again = propose(keepers, "旁边有没有游泳馆啊", "ask_location")
    assert (again.id, again.state, again.intent) == (one.id, "proposed", "ask_location")
    with pytest.raises(NotFound):
        keepers.run(examples.decide, keepers.leader, 999, is_approved=True)
    with pytest.raises(Forbidden):
        propose(keepers, "健身房在哪", staff=keepers.agent)


def test_the_intents_are_those_of_the_bot():
    domain = YAML(typ="safe").load((PROJECT_DIR / "domain.yml").read_text("utf-8"))
    assert set(intent_names()) == set(domain["intents"])
    assert set(faq_intents()) < set(intent_names())
