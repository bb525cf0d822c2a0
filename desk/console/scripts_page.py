"""`/desk/scripts`: the script workbench: owners, review dates, approval, usage, gaps."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from fastapi import Request
from fastapi.responses import Response
from nicegui import ui
from sqlalchemy.orm import Session

from desk.accounts.models import Staff
from desk.clock import to_local, utc_now
from desk.console.access import QA_ROLES, Visit, admit
from desk.console.choosing import as_choice, hear_choices
from desk.console.elements import action, box, empty, words
from desk.console.qa_shell import qa_frame
from desk.console.scripts_editor import ScriptEditor, usage_text
from desk.console.scripts_gaps import show_gaps
from desk.console.tabs import Tabs
from desk.locale import t
from desk.reviews import gaps
from desk.reviews.script_usage import Usage, usage
from desk.rulebook import scripts
from desk.rulebook.models import ScriptRevision
from desk.rulebook.scripts import body_of
from scripts_library.suggesting.script import STEPS, Script, topic_names

ANY = ""
SHOWN = 200
TABS = ("all", "pending", "expired", "unused", "gaps")
REVIEW_AFTER = timedelta(days=365)
"""A new script is looked at again after this time, unless somebody says otherwise."""


async def scripts_page(request: Request) -> Response | None:
    """Build the page for QA and leaders."""
    visit = await admit(request, *QA_ROLES)
    if isinstance(visit, Response):
        return visit
    page = ScriptsPage(visit)
    with qa_frame(visit, "scripts"):
        page.build()
    await page.refresh()
    return None


def matching(found: Sequence[Script], search: str, topic: str) -> list[Script]:
    """Return the scripts of a topic that have the words in id, text or a question."""
    wanted = search.strip().lower()
    return [
        one
        for one in found
        if (not topic or one.topic == topic)
        and (not wanted or any(wanted in text.lower() for text in (one.id, one.text, *one.asks)))
    ]


def is_expired(script: Script, today: date) -> bool:
    """Tell whether its owner should have looked at it again."""
    return script.review_date is not None and script.review_date < today


class ScriptsPage:
    """One open workbench."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self._tab, self._search, self._topic = TABS[0], "", ANY
        self._usage: Mapping[str, Usage] = {}
        self._pending: Sequence[ScriptRevision] = ()
        self._gaps: Sequence[gaps.GapGroup] = ()
        self._chosen: str | None = None

    def build(self) -> None:
        """Add the page's parts."""
        names = {name: t(f"scripts.tab_{name}") for name in TABS}
        self._tabs = Tabs(names, self._turn)
        with box("k-qa is-wide"):
            with box("k-pane", tag="section"):
                with box("k-pane-search"):
                    ui.input(t("scripts.search"), on_change=self._searched).props(
                        "outlined dense clearable debounce=250"
                    )
                    names = {ANY: t("scripts.any_topic"), **topic_names()}
                    select = ui.select(names, value=ANY, label=t("scripts.topic"))
                    select.props("outlined dense options-dense").on_value_change(self._sorted)
                    action(t("scripts.new"), self._new, icon="add", look="outline color=primary")
                self._list = box("k-pane-scroll")
                hear_choices(self._list, "script", self._choose)
            self._editor = ScriptEditor(self._visit, self.refresh)
        self._editor.clear()

    async def refresh(self, script_id: str | None = None) -> None:
        """Read usage, approvals and gaps again; open a script if one is named."""

        def work(
            session: Session, staff: Staff
        ) -> tuple[Mapping[str, Usage], Sequence[ScriptRevision], Sequence[gaps.GapGroup]]:
            return usage(session), scripts.pending(session), gaps.groups(session, staff)

        with self._visit.errors_shown():
            self._usage, self._pending, self._gaps = await self._visit.read(work)
            self._draw()
            if script_id is not None:
                await self._choose(script_id)

    def _shown(self) -> list[Script]:
        found = matching(self._visit.desk.scripts.scripts, self._search, self._topic)
        today = to_local(utc_now()).date()
        if self._tab == "expired":
            return [one for one in found if is_expired(one, today)]
        if self._tab == "unused":
            return [one for one in found if self._usage.get(one.id, Usage()).is_unused]
        if self._tab == "pending":
            waiting = {one.script_id for one in self._pending}
            return [one for one in found if one.id in waiting]
        return found

    def _draw(self) -> None:
        counts = {"pending": len(self._pending), "gaps": len(self._gaps)}
        self._tabs.show(self._tab, {name: count for name, count in counts.items() if count})
        self._list.clear()
        with self._list:
            if self._tab == "gaps":
                show_gaps(self._gaps, write=self._write_gap, dismiss=self._dismiss_gap)
                return
            found = self._shown()
            known = {one.id for one in found}
            if self._tab == "pending":
                for revision in self._pending:
                    if revision.script_id not in known:
                        self._new_entry(revision)
            words(t("scripts.count", count=self._count(found)), "k-empty", tag="div")
            if not self._count(found):
                words(t("scripts.none_found"), "k-empty", tag="div")
                empty(t("scripts.none_found_hint"))
            for script in found[:SHOWN]:
                self._entry(script)

    def _count(self, found: Sequence[Script]) -> int:
        """How many are listed: new ones wait for approval beside those in force."""
        if self._tab != "pending":
            return len(found)
        return len({one.id for one in found} | {one.script_id for one in self._pending})

    def _turn(self, name: str) -> None:
        self._tab = name
        self._draw()

    def _entry(self, script: Script) -> None:
        entry = box("k-entry", tag="button").props("type=button")
        entry.props["aria-current"] = "true" if script.id == self._chosen else "false"
        with as_choice(entry, "script", script.id):
            with box("k-entry-top"):
                words(script.id, "k-entry-name")
                words(STEPS.get(script.step, script.step), "k-chip")
            words(script.text, "k-entry-text", tag="div")
            with box("k-entry-foot"):
                words(usage_text(self._usage.get(script.id, Usage())))
                if script.review_date:
                    late = is_expired(script, to_local(utc_now()).date())
                    key = "scripts.expired" if late else "scripts.review_by"
                    words(t(key, day=script.review_date.isoformat()), "k-overdue" if late else "")

    def _new_entry(self, revision: ScriptRevision) -> None:
        """A script that nobody has approved yet."""
        entry = box("k-entry", tag="button").props("type=button")
        with as_choice(entry, "script", revision.script_id):
            with box("k-entry-top"):
                words(revision.script_id, "k-entry-name")
                words(t(f"scripts.state_{revision.state}"), "k-chip is-queued")
            words(revision.body["text"] if revision.body else "", "k-entry-text", tag="div")

    async def _choose(self, script_id: str) -> None:
        self._chosen = script_id
        script = self._visit.desk.scripts.get(script_id)
        with self._visit.errors_shown():
            history = await self._visit.read(lambda session, _: scripts.history(session, script_id))
            if script_id != self._chosen:
                # Another script was chosen while this one was read.
                return
            body = body_of(script) if script else {}
            self._draw()
            self._editor.show(
                script_id,
                body,
                is_new=False,
                history=history,
                usage=self._usage.get(script_id, Usage()),
            )

    def _new(self) -> None:
        self._begin({})

    def _begin(self, body: scripts.Body) -> None:
        self._chosen = None
        review = to_local(utc_now()).date() + REVIEW_AFTER
        topic = str(body.get("topic") or "")
        self._editor.show(
            f"{topic}." if topic else "",
            {"review_date": review.isoformat(), "step": "answer", **body},
            is_new=True,
        )

    async def _write_gap(self, group: gaps.GapGroup) -> None:
        """Begin a script with a group's questions; they leave the list."""
        await self._settle(group, is_written=True)
        self._begin({"topic": group.topic or "", "asks": list(group.examples)})

    async def _dismiss_gap(self, group: gaps.GapGroup) -> None:
        await self._settle(group, is_written=False)
        self._visit.tell(t("scripts.gap_dismissed"))

    async def _settle(self, group: gaps.GapGroup, *, is_written: bool) -> None:
        def work(session: Session, staff: Staff) -> None:
            gaps.settle(session, staff, group.ids, is_written=is_written)

        with self._visit.errors_shown():
            await self._visit.write(work)
        await self.refresh()

    def _searched(self, event: object) -> None:
        self._search = str(getattr(event, "value", "") or "")
        self._draw()

    def _sorted(self, event: object) -> None:
        self._topic = str(getattr(event, "value", ANY) or ANY)
        self._draw()
