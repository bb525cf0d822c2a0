"""Runs a model's components one after the other, in an order that is found once.

Rasa hands every message and every prediction to dask, which plans the same few steps anew each
time: a seventh of a turn (docs/guide/performance.md).
"""

from __future__ import annotations

from graphlib import TopologicalSorter
from typing import Any

import rasa.core.processor
from rasa.engine.exceptions import GraphRunError
from rasa.engine.graph import GraphNode
from rasa.engine.runner.dask import DaskGraphRunner

Step = tuple[str, GraphNode, tuple[str, ...]]


def run_in_order() -> None:
    """Let every model that this process loads from now on be run by `OrderedGraphRunner`."""
    rasa.core.processor.DaskGraphRunner = OrderedGraphRunner


class OrderedGraphRunner(DaskGraphRunner):
    """As Rasa's runner, without planning: each set of targets has one order of its components."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._plans: dict[tuple[str, ...], tuple[Step, ...]] = {}

    def run(
        self, inputs: dict[str, Any] | None = None, targets: list[str] | None = None
    ) -> dict[str, Any]:
        """Return the targets' outputs by name.

        Raises:
            GraphRunError: an input has the name of a component, or one that is needed is missing.
        """
        names = tuple(targets or self._graph_schema.target_names)
        plan = self._plans.get(names)
        if plan is None:
            plan = self._plans[names] = self._plan(names)
        # Components take and give pairs of name and value.
        results = {name: (name, value) for name, value in (inputs or {}).items()}
        if clashing := results.keys() & {name for name, _, _ in plan}:
            raise GraphRunError(f"Inputs named like components: {sorted(clashing)}")
        for name, component, needs in plan:
            results[name] = component(*(results.get(need, need) for need in needs))
        return dict(results[name] for name in names)

    def _plan(self, targets: tuple[str, ...]) -> tuple[Step, ...]:
        nodes = self._graph_schema.minimal_graph_schema(list(targets)).nodes
        order = TopologicalSorter({name: node.needs.values() for name, node in nodes.items()})
        return tuple(
            (name, self._instantiated_nodes[name], tuple(nodes[name].needs.values()))
            for name in order.static_order()
            if name in nodes
        )
