"""The form of one rule: fields on the page, and the rule as data that they stand for."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from nicegui import ui

from desk.console.elements import box, words
from desk.errors import InvalidInput
from desk.locale import t
from desk.rulebook.bodies import LISTS, MEANING, SWITCHES, Body
from scripts_library.checking.packs import WITHIN
from scripts_library.checking.verdict import CATEGORIES, Severity

ARROW = "=>"
SEVERITIES = tuple(severity.label for severity in reversed(Severity))
SHORT = ("clause", "reason")
EXAMPLES = ("must", "must_not")
CHANGE_PAUSE_MS = 400


def exceptions_as_text(exceptions: Sequence[Mapping[str, str]]) -> str:
    """Return exceptions one a line: `pattern => why`, with `=> within` where it is no `hit`."""
    lines = []
    for one in exceptions:
        parts = [one["pattern"], one["why"]]
        if one.get("within", "hit") != "hit":
            parts.append(one["within"])
        lines.append(f" {ARROW} ".join(parts))
    return "\n".join(lines)


def exceptions_of(text: str) -> list[dict[str, str]]:
    """Read what `exceptions_as_text` gave.

    Raises:
        InvalidInput: a line has no reason, or an unknown third part.
    """
    found = []
    for line in filter(None, map(str.strip, text.splitlines())):
        parts = [part.strip() for part in line.split(ARROW)]
        within = parts[2] if len(parts) == 3 else "hit"
        if len(parts) not in (2, 3) or not all(parts) or within not in WITHIN:
            problem = t("rules.exception_unread", line=line[:60])
            raise InvalidInput("errors.rule_invalid", problems=problem)
        found.append({"pattern": parts[0], "why": parts[1], "within": within})
    return found


class RuleForm:
    """The fields of one rule. `on_change` is called when somebody typed, after a short rest."""

    def __init__(
        self,
        rule_id: str,
        body: Body,
        why: str,
        *,
        is_new: bool,
        on_change: Callable[[], object],
    ) -> None:
        self._on_change = on_change
        self._detector = body.get("detector")
        self._lists: dict[str, ui.textarea] = {}
        self._texts: dict[str, ui.input] = {}
        self._switches: dict[str, ui.checkbox] = {}
        examples = body.get("examples", {})
        if self._detector:
            hint = "meaning_hint" if self._detector == MEANING else "detector_hint"
            words(t(f"rules.{hint}", detector=self._detector), "k-card-why", tag="div")
        with box("k-form"):
            self._id = ui.input(t("rules.id"), value=rule_id).props("outlined dense")
            self._id.classes("is-whole").set_enabled(is_new)
            self._category = self._select(
                "category", {one: t(f"review.category.{one}") for one in CATEGORIES}, body
            )
            self._severity = self._select(
                "severity", {one: t(f"review.severity.{one}") for one in SEVERITIES}, body
            )
            for name in SHORT:
                field = ui.input(t(f"rules.{name}"), value=body.get(name, ""))
                self._texts[name] = field.props("outlined dense")
            for name in LISTS:
                self._lists[name] = self._area(name, "\n".join(body.get(name, ())))
            self._exceptions = self._area(
                "exceptions", exceptions_as_text(body.get("exceptions", ()))
            )
            for name in EXAMPLES:
                area = self._area(name, "\n".join(examples.get(name, ())), is_whole=False)
                self._lists[name] = area
            with box("k-line is-whole"):
                for name, default in SWITCHES.items():
                    box_ = ui.checkbox(t(f"rules.{name}"), value=body.get(name, default))
                    box_.on_value_change(self._changed)
                    self._switches[name] = box_
            self._why = ui.input(t("rules.why"), value=why).props("outlined dense")
            self._why.classes("is-whole")

    @property
    def rule_id(self) -> str:
        """The id as it stands in the form."""
        return str(self._id.value or "").strip()

    @property
    def why(self) -> str:
        """The reason for the change."""
        return str(self._why.value or "")

    def body(self) -> dict[str, Any]:
        """Return the rule as it stands in the form, unchecked.

        Raises:
            InvalidInput: an exception is not written as it should be.
        """
        return {
            "id": self.rule_id,
            "category": self._category.value,
            "severity": self._severity.value,
            **{name: field.value or "" for name, field in self._texts.items()},
            **{name: _lines(self._lists[name]) for name in LISTS},
            "exceptions": exceptions_of(self._exceptions.value or ""),
            "examples": {name: _lines(self._lists[name]) for name in EXAMPLES},
            "detector": self._detector,
            **{name: bool(one.value) for name, one in self._switches.items()},
        }

    def _select(self, name: str, options: dict[str, str], body: Body) -> ui.select:
        value = body.get(name)
        select = ui.select(options, label=t(f"rules.{name}"), value=value)
        select.on_value_change(self._changed)
        return select.props("outlined dense options-dense")

    def _area(self, name: str, value: str, *, is_whole: bool = True) -> ui.textarea:
        area = ui.textarea(t(f"rules.{name}"), value=value, on_change=self._changed)
        area.props(f"outlined dense autogrow debounce={CHANGE_PAUSE_MS}")
        return area.classes("is-whole" if is_whole else "")

    def _changed(self) -> None:
        self._on_change()


def _lines(area: ui.textarea) -> list[str]:
    return [line for line in (area.value or "").splitlines() if line.strip()]
