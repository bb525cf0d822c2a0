"""The console's pages as their users see them: empty, and at their everyday work."""

import pytest
from nicegui.testing.user_interaction import UserInteraction
from sqlalchemy import select

from desk.accounts.models import Role
from desk.console.access import DESK_ROLES, Visit
from desk.help.chapters import CHAPTER_OF, chapter
from desk.reviews.models import FlaggedReply
from desk.tickets.domain import NewTicket
from desk.tickets.service import open_ticket

pytestmark = pytest.mark.asyncio(loop_scope="module")

EMPTY = {
    Role.AGENT: ("", "/tickets", "/transfers", "/escalations", "/my-quality", "/sharing"),
    Role.QA: ("/qa", "/qa/second", "/qa/samples", "/qa/scorecards", "/qa/appeals", "/suspects"),
    Role.SUPERVISOR: ("/live", "/live/trends", "/groups", "/reports", "/outbox"),
    Role.DEPARTMENT: ("/transfers", "/tickets", "/escalations"),
}
"""Pages of whoever works on them first, below `/desk`."""
PATIENCE = 50
RUDE = "急什么，没看到我在忙着吗"


def choose(user, text, kind):
    """Press on the entry that has the text, as the browser tells of it to the list around it."""
    entry = next(
        one
        for inner in user.find(text).elements
        for one in inner.ancestors(include_self=True)
        if f"data-{kind}" in one.props
    )
    for place in entry.ancestors(include_self=True):
        if any(heard.type == "click" for heard in place._event_listeners.values()):
            UserInteraction(user, {place}, None).trigger("click", entry.props[f"data-{kind}"])
            return


@pytest.mark.parametrize("role", EMPTY)
async def test_an_empty_page_says_what_to_do_and_leads_to_the_help(console, role):
    user = console.user(console.make.staff(role))
    for page in EMPTY[role]:
        await user.open(f"/desk{page}")
        await user.should_see("怎么用这一页")
        (way,) = user.find("怎么用这一页").elements
        assert way.props["href"] == f"/desk/help?on=/desk{page}"


@pytest.mark.parametrize("role", list(Role))
async def test_the_help_opens_with_the_chapter_of_the_role(console, role):
    user, own = console.user(console.make.staff(role)), chapter(CHAPTER_OF[role])
    await user.open("/desk/help")
    for section in own.sections:
        await user.should_see(section.title)
    await user.open("/desk/help?on=/desk/live/trends")
    await user.should_see("看趋势和报表" if role != Role.ADMIN else "其他页面")


async def test_the_workbench_takes_the_next_customer(console):
    agent = console.make.staff("agent")
    waiting = console.make.queued("楼道灯坏了一个月")
    user = console.user(agent)
    await user.open("/desk")
    await user.should_see("楼道灯坏了一个月")
    user.find("接入下一位").click()
    await user.should_see(f"客服专员{agent.display_name}已接入", retries=PATIENCE)
    assert console.make.fresh(waiting).assigned_to_id == agent.id


async def test_qa_decides_on_a_flagged_reply(console):
    agent, qa = console.make.staff("agent"), console.make.staff("qa")
    held = console.make.claimed(agent, "什么时候来修")
    await console.desk.gateway.reply(held.id, agent, client_id="r1", text=RUDE)
    user = console.user(qa)
    await user.open("/desk/qa")
    await user.should_see("选择一条记录")
    choose(user, agent.display_name, "flagged")
    await user.should_see("什么时候来修", retries=PATIENCE)
    user.find("确认违规").click()
    await user.should_see("结论已保存", retries=PATIENCE)
    with console.desk.database.reading() as session:
        (flagged,) = session.scalars(select(FlaggedReply))
        assert (flagged.decision, flagged.decided_by_id) == ("confirmed", qa.id)


async def test_the_ticket_list_finds_a_ticket_by_what_it_is_about(console):
    with console.desk.database.transaction() as session:
        for text in ("三单元电梯异响", "车库渗水"):
            open_ticket(session, NewTicket(kind="repair", description=text))
    user = console.user(console.make.staff("agent"))
    await user.open("/desk/tickets")
    await user.should_see("三单元电梯异响")
    await user.should_see("车库渗水")
    await user.open("/desk/tickets?text=电梯")
    await user.should_see("三单元电梯异响")
    await user.should_not_see("车库渗水")


async def test_work_that_ends_after_its_page_leads_nobody_away(console):
    agent = console.make.staff("agent")
    user = console.user(agent)
    left = await user.open("/desk/tickets")
    with left:
        visit = Visit(console.desk, None, agent, DESK_ROLES)
    await user.open("/desk/transfers")
    left.delete()
    with visit.errors_shown():
        await visit.staff_now()
    await user.should_not_see("登录已失效")
    assert user.back_history == ["/desk/tickets", "/desk/transfers"]
