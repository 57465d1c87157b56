"""Members of objects that are paths by their name, wherever the object is handed to: `{ filename: "app.log" }`."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from dockerslim.languages.node.source_calls import KeyRule, key_rules
from dockerslim.languages.node.source_file.path_uses import PathUses
from dockerslim.languages.node.syntax import line_of, pairs_of, string_value, text_of

if TYPE_CHECKING:
    from tree_sitter import Node


def add_key_paths(uses: PathUses, nodes: list[Node], modules: set[str]) -> None:
    """Adds those of a file that loads `modules`; calls are read before, as they tell more."""
    names = key_rules()
    known = {(use.path, use.evidence.line) for found in uses.known.values() for use in found}
    for node in nodes:
        if node.type != "object":
            continue
        pairs = pairs_of(node)
        for name in names.keys() & pairs.keys():
            for rule in names[name]:
                if _applies(node, pairs, rule, modules) and _is_added(uses, rule, pairs[name], node, known):
                    break


def _is_added(uses: PathUses, rule: KeyRule, value: Node, node: Node, known: Collection[tuple[str, int]]) -> bool:
    """False where the member is no path, or a call above has told what is done with it."""
    is_told = value.id in uses.reader.seen
    values = uses.reader.values(value)
    if any((found.text, line_of(value)) in known or found.text == "/" for found in values):
        return False
    if rule.effect != "unknown":
        uses.add(rule.effect, value, node, is_folder=rule.is_folder)
    elif values and not is_told:
        uses.unknown["write"].append(uses.evidence(value))
    return True


def _applies(node: Node, pairs: dict[str, Node], rule: KeyRule, modules: set[str]) -> bool:
    """Does the file use a module of the rule, and have the object, or the one around it, a member that it asks for?"""
    if rule.inside and _name_of(node) not in rule.inside:
        return False
    if rule.modules and rule.modules.isdisjoint(modules):
        return False
    if not rule.beside:
        return True
    around = node.parent.parent if node.parent is not None else None
    members = {**pairs_of(around), **pairs}
    return any(_plain(members.get(key)) in values for key, values in rule.beside.items())


def _plain(node: Node | None) -> str | None:
    """The value of a string, and `true`."""
    return "true" if node is not None and node.type == "true" else string_value(node)


def _name_of(node: Node) -> str:
    """The name of the member whose value the object is."""
    key = node.parent.child_by_field_name("key") if node.parent is not None and node.parent.type == "pair" else None
    return (string_value(key) or text_of(key)) if key is not None else ""
