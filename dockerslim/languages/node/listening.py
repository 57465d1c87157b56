"""What `server.listen(…)` is given: a port, or the path of a socket."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dockerslim.languages.node.bindings import Bindings
from dockerslim.languages.node.path_values import PathValue, environment_variable
from dockerslim.languages.node.syntax import arguments_of, string_value, text_of

if TYPE_CHECKING:
    from tree_sitter import Node


def is_socket(value: PathValue) -> bool:
    """A path, and neither a port in quotes nor the name of an event."""
    return not value.text.isdecimal() and ("/" in value.text or value.text.endswith(".sock"))


def port_numbers(node: Node, bindings: Bindings) -> list[int]:
    """The numbers that `3000`, `process.env.PORT || 3000` and a constant of these stand for."""
    found: list[int] = []
    waiting, steps = [node], 0
    while waiting and steps < 20:
        steps += 1
        current = waiting.pop()
        if current.type == "number" and text_of(current).isdecimal() and len(text_of(current)) < 6:
            found.append(int(text_of(current)))
        elif current.type == "string":
            text = string_value(current) or ""
            found += [int(text)] if text.isdecimal() and text.isascii() and len(text) < 6 else []
        elif current.type == "identifier":
            waiting += bindings.constants(text_of(current))
        elif current.type == "binary_expression" and environment_variable(current) is None:
            right = current.child_by_field_name("right")
            waiting += [right] if right is not None else []
        elif current.type in ("parenthesized_expression", "call_expression", "arguments", "unary_expression"):
            arguments = arguments_of(current) if current.type == "call_expression" else current.named_children
            waiting += arguments[:1]
    return found
