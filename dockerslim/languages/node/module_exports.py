"""What one file of source exports, as far as it says so by name."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from dockerslim.languages.node.syntax import string_value, text_of

if TYPE_CHECKING:
    from tree_sitter import Node

_DEFAULTS = ("module.exports", "exports.default", "module.exports.default")


@dataclass(slots=True)
class Exports:
    """The expressions of a module; a name that is assigned to twice has two."""

    named: dict[str, list[Node]] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)
    """By the name that others import, the one that the file has for it, where they differ."""
    default: list[Node] = field(default_factory=list)
    passed_on: list[tuple[str, str, str]] = field(default_factory=list)
    """Of `export { a as b } from "./c"`: `./c`, `a` and `b`; of `export * from "./c"`: `./c` and twice ""."""


def collect_exports(nodes: Iterable[Node]) -> Exports:
    """The exports among a file's nodes; `export const a = 1` is found by its name among the file's constants."""
    exports = Exports()
    for node in nodes:
        if node.type == "export_statement":
            _add_statement(exports, node)
        elif node.type == "assignment_expression":
            _add_assignment(exports, node)
    return exports


def _add_statement(exports: Exports, node: Node) -> None:
    module = string_value(node.child_by_field_name("source"))
    value = node.child_by_field_name("value")
    if value is not None:  # export default
        exports.default.append(value)
        return
    clauses = [child for child in node.named_children if child.type == "export_clause"]
    if module is not None and not clauses:
        exports.passed_on.append((module, "", ""))
    for specifier in (child for clause in clauses for child in clause.named_children):
        name = specifier.child_by_field_name("name")
        alias = specifier.child_by_field_name("alias") or name
        if name is None or alias is None:
            continue
        if module is not None:
            exports.passed_on.append((module, text_of(name), text_of(alias)))
        else:
            exports.aliases[text_of(alias)] = text_of(name)


def _add_assignment(exports: Exports, node: Node) -> None:
    """`module.exports = …`, `exports.a = …`"""
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    if left is None or right is None or left.type != "member_expression":
        return
    object_, property_ = left.child_by_field_name("object"), left.child_by_field_name("property")
    if object_ is None or property_ is None or left.end_byte - left.start_byte > 100:
        return
    if text_of(left) in _DEFAULTS:
        exports.default.append(right)
    elif text_of(object_) in ("exports", "module.exports"):
        exports.named.setdefault(text_of(property_), []).append(right)
