"""YAML values that remember their line, for messages about a rule pack."""

from typing import Any

import yaml


class Value:
    """A YAML value that remembers its line."""

    __slots__ = ("line", "value")

    def __init__(self, node: yaml.Node) -> None:
        self.line = node.start_mark.line + 1
        self.value: Any
        if isinstance(node, yaml.MappingNode):
            self.value = {str(k.value): Value(v) for k, v in node.value}
        elif isinstance(node, yaml.SequenceNode):
            self.value = [Value(item) for item in node.value]
        else:
            self.value = _scalar(node)

    def plain(self) -> Any:
        """Return the value with all lines stripped."""
        if isinstance(self.value, dict):
            return {key: item.plain() for key, item in self.value.items()}
        if isinstance(self.value, list):
            return [item.plain() for item in self.value]
        return self.value


def _scalar(node: Any) -> Any:
    if node.tag == "tag:yaml.org,2002:bool":
        return node.value.lower() in ("true", "yes", "on")
    if node.tag == "tag:yaml.org,2002:int" and node.value.isascii() and node.value.isdigit():
        return int(node.value)
    if node.tag == "tag:yaml.org,2002:null":
        return None
    return node.value
