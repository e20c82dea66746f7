"""YAML as people read and write it: dates and words such as `on` stay text, a key stands once, and every place has a
line. Knows nothing of scenarios.
"""

import re
from typing import Any

import yaml

_LEFT_AS_TEXT = ("tag:yaml.org,2002:timestamp", "tag:yaml.org,2002:bool")


class Page(yaml.SafeLoader):
    """A safe loader, made narrower."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """A mapping. Raises `yaml.constructor.ConstructorError` for a key that stands twice."""
        seen: list[Any] = []
        for place, _ in node.value:
            key: Any = self.construct_object(place, deep=True)
            if key in seen:
                raise yaml.constructor.ConstructorError(None, None, f"the key {key!r} stands twice", place.start_mark)
            seen.append(key)
        return super().construct_mapping(node, deep)


Page.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag not in _LEFT_AS_TEXT]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
Page.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$"), list("tf"))


def read(text: str) -> object:
    """What a page says, as plain data. Raises `yaml.YAMLError`."""
    return yaml.load(text, Loader=Page)  # noqa: S506 - a safe loader, made narrower


def line_of(text: str, path: str) -> int | None:
    """The line (from 1) on which the field with this path (`actions.3.with.source`) stands, or the nearest that holds
    it. None for a page that says nothing.
    """
    node = yaml.compose(text, Loader=Page)
    line = node.start_mark.line if node else None
    for part in path.split("."):
        found = _inner(node, part)
        if found is None:
            break
        place, node = found
        line = place.start_mark.line
    return None if line is None else line + 1


def _inner(node: yaml.Node | None, part: str) -> tuple[yaml.Node, yaml.Node] | None:
    """Where a part of a path stands, and what stands there."""
    if isinstance(node, yaml.MappingNode):
        return next(((key, value) for key, value in node.value if key.value == part), None)
    if isinstance(node, yaml.SequenceNode) and part.isdigit() and int(part) < len(node.value):
        item: yaml.Node = node.value[int(part)]
        return item, item
    return None
