"""What the action server answers is checked by a validator that is made once.

Rasa 3.6 examines its own schema, which never changes, anew with every answer: a third of what a
turn cost (docs/guide/performance.md). Schema and refusals stay Rasa's.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from jsonschema import validators
from jsonschema.exceptions import best_match
from rasa.core.actions.action import RemoteAction


def check_once_compiled() -> None:
    """Let every remote action of this process check its answers by `check_answer`."""
    RemoteAction._validate_action_result = check_answer


def check_answer(action: RemoteAction, answer: dict[str, Any]) -> bool:
    """Return True for an answer of the shape that Rasa expects.

    Raises:
        jsonschema.ValidationError: the answer has another shape.
    """
    error = best_match(_validator().iter_errors(answer))
    if error is not None:
        raise error
    return True


@cache
def _validator() -> Any:
    schema = RemoteAction.action_response_format_spec()
    return validators.validator_for(schema)(schema)
