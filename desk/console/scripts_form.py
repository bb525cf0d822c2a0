"""The form of one script: fields on the page, and the script as data that they stand for."""

from collections.abc import Callable
from typing import Any

from nicegui import ui

from desk.console.elements import box, words
from desk.locale import t
from desk.rulebook.scripts import LISTS, Body
from scripts_library.suggesting.script import FILL_IN, FILL_INS, STEPS, TONES, topic_names

CHANGE_PAUSE_MS = 400
SHORT = ("owner", "review_date")


class ScriptForm:
    """The fields of one script. `on_change` is called when its text changed, after a rest."""

    def __init__(
        self, script_id: str, body: Body, *, is_new: bool, on_change: Callable[[], object]
    ) -> None:
        self._on_change = on_change
        self._lists: dict[str, ui.textarea] = {}
        self._texts: dict[str, ui.input] = {}
        with box("k-form"):
            self._id = ui.input(t("scripts.id"), value=script_id).props("outlined dense")
            self._id.classes("is-whole").set_enabled(is_new)
            self._topic = self._select("topic", dict(topic_names()), body)
            self._step = self._select("step", dict(STEPS), body)
            self._tone = self._select("tone", dict(TONES), {"tone": "plain", **body})
            for name in SHORT:
                field = ui.input(t(f"scripts.{name}"), value=body.get(name, ""))
                self._texts[name] = field.props("outlined dense")
            self._text = ui.textarea(
                t("scripts.text"), value=body.get("text", ""), on_change=self._changed
            )
            self._text.props(f"outlined autogrow debounce={CHANGE_PAUSE_MS}").classes("is-whole")
            for name in LISTS:
                area = ui.textarea(t(f"scripts.{name}"), value="\n".join(body.get(name, ())))
                self._lists[name] = area.props("outlined dense autogrow")
            self._why = ui.input(t("scripts.why")).props("outlined dense").classes("is-whole")
        self._fill_ins = words("", "k-cell-sub", tag="div")
        self._show_fill_ins()

    @property
    def script_id(self) -> str:
        """The id as it stands in the form."""
        return str(self._id.value or "").strip()

    @property
    def why(self) -> str:
        """The reason for the change."""
        return str(self._why.value or "")

    @property
    def text(self) -> str:
        """The script's wording."""
        return str(self._text.value or "")

    def body(self) -> dict[str, Any]:
        """Return the script as it stands in the form, unchecked."""
        return {
            "topic": self._topic.value,
            "step": self._step.value,
            "tone": self._tone.value,
            "text": self.text,
            **{name: field.value or "" for name, field in self._texts.items()},
            **{name: (area.value or "").splitlines() for name, area in self._lists.items()},
        }

    def _select(self, name: str, options: dict[str, str], body: Body) -> ui.select:
        value = body.get(name) if body.get(name) in options else None
        select = ui.select(options, label=t(f"scripts.{name}"), value=value, with_input=True)
        return select.props("outlined dense options-dense")

    def _changed(self) -> None:
        self._show_fill_ins()
        self._on_change()

    def _show_fill_ins(self) -> None:
        names = list(dict.fromkeys(FILL_IN.findall(self.text)))
        known = "、".join(f"{{{name}}} {FILL_INS.get(name, '?')}" for name in names)
        key = "scripts.fill_ins" if names else "scripts.fill_ins_none"
        self._fill_ins.set_text(t(key, names=known))
