"""Members of the objects that a call is given."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dockerslim.languages.node.bindings import Bindings
from dockerslim.languages.node.syntax import pairs_of, text_of

if TYPE_CHECKING:
    from tree_sitter import Node

_STEP_LIMIT = 400
_PLAIN = frozenset(
    {"string", "template_string", "number", "true", "false", "null", "undefined", "regex", "arrow_function"}
    | {"function_expression", "method_definition"}
)


def objects_in(arguments: list[Node], bindings: Bindings) -> tuple[list[dict[str, Node]], bool]:
    """The members of each object literal of the arguments, at any depth and by way of constants; and whether these
    are all that there is: a name from elsewhere may be an object with any members."""
    found: list[dict[str, Node]] = []
    waiting = list(reversed(arguments))
    is_whole = True
    steps = 0
    while waiting and steps < _STEP_LIMIT:
        steps += 1
        node = waiting.pop()
        if node.type == "object":
            pairs = pairs_of(node)
            found.append(pairs)
            waiting += [value for value in pairs.values() if value.type in ("object", "array")]
            spread = [child for child in node.named_children if child.type == "spread_element"]
            waiting += [child.named_children[0] for child in spread if child.named_children]
        elif node.type == "array":
            waiting += node.named_children
        elif node.type == "identifier" and (values := bindings.constants(text_of(node))):
            waiting += [value for value in values if value.id != node.id]
        elif node.type not in _PLAIN:
            is_whole = False
    return found, is_whole and not waiting
