"""Domain, rules, actions, forms and responses agree with one another."""

import ast
import re
from functools import cache
from typing import Any

from rasa_sdk.executor import ActionExecutor
from rasa_sdk.interfaces import Action
from rasa_sdk.utils import all_subclasses
from ruamel.yaml import YAML

from actions.answers.registry import ANSWERERS
from actions.base import DeskAction
from actions.forms.guided import GuidedForm
from actions.labels import INTENT_LABELS
from desk.settings import PROJECT_DIR

ASKED_IN_PLACE = {"case_place", "case_phone", "case_confirmed"}
"""Slots that the case forms read outside of `readers`: the place needs the estates, a phone says
what is wrong with it, the confirmation depends on everything else."""


@cache
def domain() -> dict[str, Any]:
    return dict(YAML(typ="safe").load((PROJECT_DIR / "domain.yml").read_text(encoding="utf-8")))


@cache
def sources() -> str:
    files = sorted((PROJECT_DIR / "actions").rglob("*.py"))
    return "\n".join(path.read_text(encoding="utf-8") for path in files)


@cache
def rules() -> str:
    files = sorted((PROJECT_DIR / "data" / "rules").glob("*.yml"))
    return "\n".join(path.read_text(encoding="utf-8") for path in files)


@cache
def registered() -> set[str]:
    executor = ActionExecutor()
    executor.register_package("actions")
    return set(executor.actions)


def forms() -> list[GuidedForm]:
    registered()
    return [kind() for kind in all_subclasses(GuidedForm) if not kind.__abstractmethods__]


def test_the_domain_lists_exactly_the_registered_actions() -> None:
    assert set(domain()["actions"]) == registered()


def test_every_action_is_used_by_a_rule_or_a_form() -> None:
    asked = {
        f"action_ask_{slot}"
        for form in domain()["forms"].values()
        for slot in form["required_slots"]
    }
    validators = {f"validate_{name}" for name in domain()["forms"]}
    unused = {
        name for name in registered() - asked - validators if f"action: {name}\n" not in rules()
    }
    assert unused == set()


def test_every_form_slot_has_a_reader() -> None:
    by_name = {form.form: form for form in forms()}
    assert set(by_name) == set(domain()["forms"])
    for name, form in by_name.items():
        required = set(domain()["forms"][name]["required_slots"])
        assert required - set(by_name[name].readers) <= ASKED_IN_PLACE, name
        assert required <= set(form.slots), name


def test_every_form_slot_has_a_question() -> None:
    known = {*domain()["responses"], *domain()["actions"]}
    for name, form in domain()["forms"].items():
        for slot in form["required_slots"]:
            ways = {
                f"{kind}_ask_{part}{slot}"
                for kind in ("utter", "action")
                for part in ("", f"{name}_")
            }
            assert ways & known, (name, slot)


def test_every_slot_that_may_be_missed_has_a_hint() -> None:
    for form in forms():
        for slot in domain()["forms"][form.form]["required_slots"]:
            assert form.help_for(slot) in domain()["responses"], (form.form, slot)


def test_every_response_named_in_code_and_rules_exists() -> None:
    named = set(re.findall(r"\butter_[a-z0-9_]+[a-z0-9]\b", sources() + rules()))
    prefixes = {"utter_phone", "utter_help", "utter_handover", "utter_message"}
    assert named - set(domain()["responses"]) - prefixes == set()


def test_every_response_is_used() -> None:
    asked = {
        f"utter_ask_{part}{slot}"
        for name, form in domain()["forms"].items()
        for slot in form["required_slots"]
        for part in ("", f"{name}_")
    }
    built = ("utter_phone_", "utter_help_", "utter_handover_", "utter_visit_", "utter_repair_")
    unused = {
        name
        for name in domain()["responses"]
        if name not in sources() + rules() and name not in asked and not name.startswith(built)
    }
    assert unused == set()


def test_every_slot_set_in_code_exists() -> None:
    named = set(
        re.findall(
            r'"((?:case|home|visit|order|progress|feedback|form|pending|offer)_[a-z0-9_]+)"',
            sources(),
        )
    )
    known = {*domain()["slots"], *domain()["intents"], *domain()["forms"]}
    others = {"order_change", "order_delivery", "home_fact"}
    assert named - known - others == set()


def test_every_intent_has_a_rule() -> None:
    assert [name for name in domain()["intents"] if f"intent: {name}\n" not in rules()] == []


def test_intents_are_those_of_the_taxonomy_and_have_labels() -> None:
    asking = [name for name in domain()["intents"] if name.startswith("ask_")]
    assert [name for name in asking if name not in INTENT_LABELS] == []
    assert [name for name in ANSWERERS if name not in domain()["intents"]] == []


def test_actions_are_named_after_their_classes() -> None:
    registered()
    for kind in all_subclasses(Action):
        if (
            kind.__module__.startswith("actions")
            and issubclass(kind, DeskAction)
            and not kind.__abstractmethods__
        ):
            snake = re.sub(r"(?<!^)(?=[A-Z])", "_", kind.__name__).lower()
            assert kind.action_name == snake


def test_modules_stay_small() -> None:
    files = (PROJECT_DIR / "actions").rglob("*.py")
    lengths = {path.name: len(path.read_text(encoding="utf-8").splitlines()) for path in files}
    assert {name: count for name, count in lengths.items() if count > 300} == {}


def test_no_function_is_left_unfinished() -> None:
    nodes = ast.walk(ast.parse(sources()))
    assert not [
        n for n in nodes if isinstance(n, ast.Raise) and "NotImplementedError" in ast.dump(n)
    ]
