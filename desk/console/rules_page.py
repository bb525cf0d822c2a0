"""`/desk/rules`: the rule workbench: find, edit, try, put before the gate, publish, go back."""

from collections.abc import Sequence

from fastapi import Request
from fastapi.responses import Response
from nicegui import ui
from sqlalchemy.orm import Session

from desk.accounts.models import Staff
from desk.console.access import QA_ROLES, Visit, admit
from desk.console.choosing import as_choice, hear_choices
from desk.console.elements import action, box, empty, words
from desk.console.live import Refresher
from desk.console.qa_shell import qa_frame
from desk.console.rules_editor import RuleEditor
from desk.console.rules_history import show_history
from desk.errors import Conflict
from desk.locale import t
from desk.rulebook import drafts, publishing
from desk.rulebook.bodies import Overlay, body_of, rule_of
from desk.rulebook.models import RuleDraft
from scripts_library.checking.rules import Rule, RuleSet
from scripts_library.checking.verdict import CATEGORIES

ANY = ""
SHOWN = 200


async def rules_page(request: Request) -> Response | None:
    """Build the page for QA and leaders; `?draft=` opens a draft."""
    visit = await admit(request, *QA_ROLES)
    if isinstance(visit, Response):
        return visit
    page = RulesPage(visit)
    with qa_frame(visit, "rules"):
        page.build()
    wanted = request.query_params.get("draft", "")
    await page.refresh(int(wanted) if wanted.isascii() and wanted.isdigit() else None)
    return None


def matching(rules: Sequence[Rule], search: str, category: str) -> list[Rule]:
    """Return the rules of a category that have the words in id, reason, clause or a pattern."""
    wanted = search.strip().lower()
    return [
        rule
        for rule in rules
        if (not category or rule.category == category)
        and (
            not wanted
            or any(wanted in text for text in (rule.id, rule.reason, rule.clause, *rule.patterns))
        )
    ]


class RulesPage:
    """One open workbench."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self._search, self._category = "", ANY
        self._rules: RuleSet | None = None
        self._drafts: Sequence[RuleDraft] = ()
        self._chosen_rule: str | None = None
        self._chosen_draft: int | None = None

    def build(self) -> None:
        """Add the page's parts."""
        with box("k-qa is-wide"):
            with box("k-pane", tag="section"):
                with box("k-pane-search"):
                    ui.input(t("rules.search"), on_change=self._searched).props(
                        "outlined dense clearable debounce=250"
                    )
                    names = {ANY: t("rules.any_category")}
                    names |= {name: t(f"review.category.{name}") for name in CATEGORIES}
                    select = ui.select(names, value=ANY, label=t("rules.category"))
                    select.props("outlined dense options-dense").on_value_change(self._sorted)
                    action(t("rules.new"), self._new, icon="add", look="outline color=primary")
                    action(t("rules.history"), self._history, icon="history")
                self._list = box("k-pane-scroll")
                hear_choices(self._list, "draft", lambda name: self.refresh(int(name)))
                hear_choices(self._list, "rule", self._choose)
            self._editor = RuleEditor(self._visit, self.refresh)
        self._editor.clear()
        self._refresher = Refresher(self._visit.client, self.refresh)

    async def refresh(self, draft_id: int | None = None) -> None:
        """Read rules and drafts again, and open a draft if one is named."""

        def work(session: Session, staff: Staff) -> tuple[Overlay, list[RuleDraft]]:
            return publishing.published(session), drafts.list_drafts(session, staff)

        with self._visit.errors_shown():
            overlay, self._drafts = await self._visit.read(work)
            try:
                self._rules = publishing.fitting(overlay, self._visit.desk.rulebook.base)
            except Conflict as error:
                # Leaders can go back to what fits; until then the last good set counts.
                self._rules = self._visit.desk.checker.rule_set
                self._visit.tell(t(error.key), kind="warning")
            self._chosen_draft = draft_id
            self._draw()
            self._open()

    def _draw(self) -> None:
        assert self._rules is not None
        found = matching(self._rules.rules, self._search, self._category)
        self._list.clear()
        with self._list:
            if self._visit.desk.rulebook.problem:
                words(t("rules.problem"), "k-empty k-overdue", tag="div")
            with box("k-list-head"):
                words(t("rules.drafts"), "k-title", tag="h2")
                words(str(len(self._drafts)), "k-count")
            if not self._drafts:
                words(t("rules.drafts_empty"), "k-empty", tag="div")
            for draft in self._drafts:
                self._draft_entry(draft)
            with box("k-list-head"):
                words(t("rules.in_force"), "k-title", tag="h2")
                words(t("rules.count", count=len(found)), "k-cell-sub")
            words(t("rules.version", version=self._rules.version), "k-empty", tag="div")
            if not found:
                words(t("rules.none_found"), "k-empty", tag="div")
                empty(t("rules.none_found_hint"))
            for rule in found[:SHOWN]:
                self._rule_entry(rule)

    def _draft_entry(self, draft: RuleDraft) -> None:
        entry = self._entry(is_chosen=draft.id == self._chosen_draft)
        with as_choice(entry, "draft", draft.id):
            with box("k-entry-top"):
                words(draft.rule_id, "k-entry-name")
                words(t(f"rules.origin_{draft.origin}"), "k-chip")
                words(t(f"rules.state_{draft.state}"), "k-chip is-queued")
            words(draft.why, "k-entry-text", tag="div")

    def _rule_entry(self, rule: Rule) -> None:
        is_chosen = self._chosen_draft is None and rule.id == self._chosen_rule
        entry = self._entry(is_chosen=is_chosen)
        with as_choice(entry, "rule", rule.id):
            with box("k-entry-top"):
                words(rule.id, "k-entry-name")
                label = rule.severity.label
                words(t(f"review.severity.{label}"), f"k-chip is-{label}")
            words(rule.reason, "k-entry-text", tag="div")

    def _entry(self, *, is_chosen: bool) -> ui.element:
        entry = box("k-entry", tag="button").props("type=button")
        entry.props["aria-current"] = "true" if is_chosen else "false"
        return entry

    def _open(self) -> None:
        assert self._rules is not None
        draft = next((one for one in self._drafts if one.id == self._chosen_draft), None)
        if draft is not None:
            self._editor.show(draft.rule_id, draft.body, draft, self._rules)
            return
        rule = rule_of(self._rules, self._chosen_rule or "")
        if rule is not None:
            self._editor.show(rule.id, body_of(rule), None, self._rules)
        else:
            self._editor.clear()

    def _choose(self, rule_id: str) -> None:
        self._chosen_rule, self._chosen_draft = rule_id, None
        self._draw()
        self._open()

    def _new(self) -> None:
        if self._rules is not None:
            self._chosen_rule = self._chosen_draft = None
            self._draw()
            self._editor.show("", {"severity": "warn"}, None, self._rules)

    def _searched(self, event: object) -> None:
        self._search = str(getattr(event, "value", "") or "")
        self._draw()

    def _sorted(self, event: object) -> None:
        self._category = str(getattr(event, "value", ANY) or ANY)
        self._draw()

    async def _history(self) -> None:
        with self._visit.errors_shown():
            await show_history(self._visit, self._refresher)
