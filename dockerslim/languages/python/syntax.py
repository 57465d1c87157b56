"""Parse Python source with libcst and walk it without recursion."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache

import libcst as cst
from libcst.metadata import MetadataWrapper, PositionProvider

from dockerslim.languages.python.nesting import is_too_deep

_LAYOUT = (
    "whitespace",
    "leading",
    "trailing",
    "lpar",
    "rpar",
    "comma",
    "semicolon",
    "header",
    "footer",
    "lbrac",
    "rbrac",
    "equal",
    "colon",
    "dot",
    "lines_after",
    "first_line",
    "empty",
)


def parse(text: str) -> cst.Module | None:
    """The module's tree; None where the text is no Python 3, or nests as no real program does."""
    if is_too_deep(text):
        return None
    try:
        return cst.parse_module(text)
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException:  # the native parser's panics derive from BaseException
        return None


def children(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """A node's parts in the order of its fields, which is that of the source; without what is layout only."""
    for name in _fields(type(node)):
        value = getattr(node, name)
        if isinstance(value, cst.CSTNode):
            yield value
        elif isinstance(value, (list, tuple)):
            yield from (part for part in value if isinstance(part, cst.CSTNode))


def lines(module: cst.Module, nodes: Iterable[cst.CSTNode]) -> dict[int, int]:
    """The 1-based line of each of the nodes, by its `id`."""
    wanted = {id(node) for node in nodes}
    if not wanted:
        return {}
    positions = MetadataWrapper(module, unsafe_skip_copy=True).resolve(PositionProvider)
    return {id(node): place.start.line for node, place in positions.items() if id(node) in wanted}


def dotted(node: cst.BaseExpression) -> str | None:
    """`a.b.c` of a chain of attributes that begins with a name; None for any other expression."""
    parts: list[str] = []
    while isinstance(node, cst.Attribute):
        parts.append(node.attr.value)
        node = node.value
    if not isinstance(node, cst.Name):
        return None
    return ".".join((node.value, *reversed(parts)))


@cache
def _fields(kind: type[cst.CSTNode]) -> tuple[str, ...]:
    names = getattr(kind, "__dataclass_fields__", {})
    return tuple(name for name in names if not name.startswith(_LAYOUT))
