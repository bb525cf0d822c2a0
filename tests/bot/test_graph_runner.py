"""Components run in an order that is found once, with the same results as Rasa's own runner."""

import pytest
from rasa.engine.exceptions import GraphRunError
from rasa.engine.graph import ExecutionContext, GraphComponent, GraphSchema, SchemaNode
from rasa.engine.runner.dask import DaskGraphRunner

from bot.graph_runner import OrderedGraphRunner


class Joining(GraphComponent):
    """Adds its word to what it is given."""

    def __init__(self, word):
        self.word = word

    @classmethod
    def create(cls, config, model_storage, resource, execution_context):
        return cls(config["word"])

    def add(self, left, right=""):
        return f"{left}{right}{self.word}"

    def fail(self, left):
        raise RuntimeError("broken")


def node(word, fn="add", **needs):
    return SchemaNode(
        needs=needs,
        uses=Joining,
        constructor_name="create",
        fn=fn,
        config={"word": word},
        eager=True,
    )


SCHEMA = GraphSchema(
    {
        # Not in the order in which they run.
        "end": node("e", left="right_side", right="left_side"),
        "right_side": node("r", left="first"),
        "left_side": node("l", left="first"),
        "first": node("f", left="text"),
        "broken": node("", fn="fail", left="text"),
    }
)


def runner(kind=OrderedGraphRunner):
    return kind.create(SCHEMA, None, ExecutionContext(SCHEMA, model_id="m"))


@pytest.mark.parametrize("targets", [["end"], ["left_side"], ["left_side", "right_side"]])
def test_the_outputs_are_those_of_rasas_runner(targets):
    ours, theirs = runner(), runner(DaskGraphRunner)
    for text in ("甲", "乙"):
        expected = theirs.run(inputs={"text": text}, targets=targets)
        assert ours.run(inputs={"text": text}, targets=targets) == expected


def test_only_what_the_targets_need_is_run():
    assert runner().run(inputs={"text": "甲"}, targets=["first"]) == {"first": "甲f"}


def test_an_input_named_like_a_component_is_refused():
    with pytest.raises(GraphRunError, match="first"):
        runner().run(inputs={"text": "甲", "first": "乙"}, targets=["end"])


def test_a_missing_input_is_refused():
    with pytest.raises(GraphRunError, match="Missing input"):
        runner().run(inputs={}, targets=["end"])


def test_what_a_component_raises_reaches_the_caller():
    with pytest.raises(Exception, match="Error running graph component"):
        runner().run(inputs={"text": "甲"}, targets=["broken"])
