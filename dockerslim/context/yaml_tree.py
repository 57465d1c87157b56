"""YAML as a tree with line numbers, safe for a stranger's file.

PyYAML's own composer recurses (a file of a hundred thousand brackets ends the process) and its merge keys can
grow without end. This reads the parser's events instead: depth and number are limited, and an alias is a reference,
never a copy.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, TypeAlias

DEPTH_LIMIT = 50
EVENT_LIMIT = 50_000
MERGE_LIMIT = 100
"""Mappings that may be merged into one."""


class UnreadableYaml(ValueError):
    """Not YAML, or too deep or large. `line` is 1-based, 0 where none is at fault."""

    def __init__(self, reason: str, line: int = 0) -> None:
        super().__init__(reason)
        self.reason = reason
        self.line = line


@dataclass(frozen=True, slots=True)
class Scalar:
    """A text, number, or nothing."""

    line: int
    text: str
    is_plain: bool = True

    @property
    def is_null(self) -> bool:
        return self.is_plain and self.text in ("", "~", "null", "Null", "NULL")


@dataclass(slots=True, eq=False)
class Sequence:
    """A list."""

    line: int
    # Not in the repr: what aliases share would be written out again and again.
    items: list[Node] = field(default_factory=list, repr=False)


@dataclass(slots=True, eq=False)
class Mapping:
    """Keys and values in their order; `<<` is a key like others until `entries` is asked."""

    line: int
    pairs: list[tuple[Scalar, Node]] = field(default_factory=list, repr=False)

    def entries(self) -> dict[str, tuple[int, Node]]:
        """Line and value of each key; what `<<` merges yields to the mapping's own keys."""
        found: dict[str, tuple[int, Node]] = {}
        seen: set[int] = set()
        waiting: list[Node] = [self]
        while waiting and len(seen) < MERGE_LIMIT:
            node = waiting.pop(0)
            if id(node) in seen:
                continue
            seen.add(id(node))
            if isinstance(node, Sequence):
                waiting[:0] = node.items[:MERGE_LIMIT]
            elif isinstance(node, Mapping):
                own: dict[str, tuple[int, Node]] = {}
                for key, value in node.pairs:
                    if key.text == "<<" and key.is_plain:
                        waiting.append(value)
                    else:
                        own[key.text] = (key.line, value)
                found = own | found
        return found

    def get(self, key: str) -> Node | None:
        entry = self.entries().get(key)
        return entry[1] if entry else None


Node: TypeAlias = Scalar | Sequence | Mapping


def parse_yaml(text: str) -> Node | None:
    """The first document of a YAML text, None for an empty one. Raises UnreadableYaml."""
    import yaml

    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    builder = _Builder()
    try:
        for number, event in enumerate(yaml.parse(text, Loader=loader)):
            if number > EVENT_LIMIT or len(builder.opened) > DEPTH_LIMIT:
                raise UnreadableYaml("too large or too deep to be read", builder.line)
            if isinstance(event, yaml.DocumentEndEvent):
                break
            builder.add(event)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise UnreadableYaml(error.problem or "not YAML", mark.line + 1 if mark else 0) from error
    except (yaml.YAMLError, UnicodeError) as error:
        raise UnreadableYaml("not YAML") from error
    return None if isinstance(builder.root, Scalar) and builder.root.is_null else builder.root


@dataclass(slots=True)
class _Builder:
    """The tree as far as the events have come."""

    root: Node | None = None
    line: int = 0
    """Of the last event; 1-based."""
    anchors: dict[str, Node] = field(default_factory=dict)
    opened: list[Sequence | Mapping] = field(default_factory=list)
    keys: list[Scalar | None] = field(default_factory=list)
    """For each open node the key that waits for its value."""

    def add(self, event: Any) -> None:
        import yaml

        if isinstance(event, yaml.CollectionEndEvent):
            self.opened.pop()
            self.keys.pop()
            return
        line = self.line = event.start_mark.line + 1
        if isinstance(event, yaml.AliasEvent):
            if event.anchor not in self.anchors:
                raise UnreadableYaml(f"unknown alias {event.anchor!r}", line)
            self._attach(self.anchors[event.anchor], line)
            return
        node: Node
        if isinstance(event, yaml.ScalarEvent):
            node = Scalar(line, event.value, is_plain=not event.style)
        elif isinstance(event, yaml.MappingStartEvent):
            node = Mapping(line)
        elif isinstance(event, yaml.SequenceStartEvent):
            node = Sequence(line)
        else:
            return
        if event.anchor:
            self.anchors[event.anchor] = node
        self._attach(node, line)
        if not isinstance(node, Scalar):
            self.opened.append(node)
            self.keys.append(None)

    def _attach(self, node: Node, line: int) -> None:
        if not self.opened:
            self.root = node
            return
        parent = self.opened[-1]
        if isinstance(parent, Sequence):
            parent.items.append(node)
            return
        key = self.keys[-1]
        if key is not None:
            parent.pairs.append((key, node))
            self.keys[-1] = None
        else:
            # A key that is no text is of no use to anyone here.
            self.keys[-1] = (
                Scalar(line, node.text, node.is_plain) if isinstance(node, Scalar) else Scalar(line, "", False)
            )


def text_of(node: Node | None) -> str | None:
    """The text of a scalar; None for nothing and for anything else."""
    return node.text if isinstance(node, Scalar) and not node.is_null else None


def items_of(node: Node | None) -> list[Node]:
    """The items of a list; none for anything else."""
    return node.items if isinstance(node, Sequence) else []


def entries_of(node: Node | None) -> dict[str, tuple[int, Node]]:
    """The entries of a mapping; none for anything else."""
    return node.entries() if isinstance(node, Mapping) else {}
