"""Paths that a program gives to packages of which no rule speaks: `exporter.run({ outfile: "out/a.csv" })`."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from dockerslim.languages.node.bindings import OWN_MODULES, Bindings
from dockerslim.languages.node.module_resolution import is_builtin, package_name
from dockerslim.languages.node.option_objects import objects_in
from dockerslim.languages.node.path_strings import is_address, is_log_or_database
from dockerslim.languages.node.path_values import PathValue
from dockerslim.languages.node.source_calls import given_rules, modules_with_rules
from dockerslim.languages.node.source_file.path_uses import PathUses
from dockerslim.languages.node.syntax import string_value, text_of

if TYPE_CHECKING:
    from tree_sitter import Node

_RELATIVE = re.compile(r"\.{1,2}/[\w.@%~$(){}\[\] /-]+")
_FILE = re.compile(r"[\w.@%~-]+(?:/[\w.@%~$(){}\[\] -]+)*/[\w.@%~$(){}\[\] -]*\.\w{1,8}")
_NAME = re.compile(r"[\w@%~-][\w.@%~ /-]*")
_SAVING = frozenset({"save", "write", "writeFile", "writeFileSync"})
"""Methods that write where their first argument is the path of a file."""


class GivenPaths:
    """Collects what such packages write, and what they read or write: those of the kind `given`."""

    def __init__(self, uses: PathUses, bindings: Bindings) -> None:
        self.uses = uses
        self.bindings = bindings

    def look_at(self, function: Node, arguments: list[Node], call: Node) -> None:
        """A call without a rule of its own; what the project's own modules do, they tell themselves."""
        if not arguments:
            return
        member = self.bindings.member(function)
        if member is not None and member.module.startswith(OWN_MODULES):
            return
        property_ = function.child_by_field_name("property") if function.type == "member_expression" else None
        if property_ is not None and text_of(property_) in _SAVING and self._is_file(arguments[0]):
            self.uses.add("write", arguments[0], call)
            return
        if not any(argument.type in ("object", "identifier") for argument in arguments):
            return
        package = self._package(function)
        rules = given_rules()
        if package is None or package in rules.readers or package in modules_with_rules():
            return
        for pairs in objects_in(arguments, self.bindings)[0]:
            if not rules.not_beside.isdisjoint(pairs):
                continue
            for name in sorted(pairs.keys() & rules.outputs):
                if self._is_path(pairs[name], is_output=True):
                    self.uses.add("write", pairs[name], call)
            for name in sorted(pairs.keys() & rules.places):
                if self._is_path(pairs[name], is_output=False):
                    self.uses.add_given(pairs[name])

    def _package(self, function: Node) -> str | None:
        """The package that the function is of, or that made the object."""
        member = self.bindings.member(function) or self.bindings.maker(function)
        if member is None or member.module.startswith(OWN_MODULES) or is_builtin(member.module):
            return None
        return package_name(member.module)

    def _values(self, node: Node) -> tuple[PathValue, ...]:
        """The values; a log or a database is left to those who look at every string."""
        values = replace(self.uses.reader, seen=set()).values(node)
        return () if any(is_log_or_database(value.text) for value in values) else values

    def _is_file(self, node: Node) -> bool:
        """`out/a.png`, or a path put together of the folder of the source."""
        values = self._values(node)
        return bool(values) and all(value.base == "file" or _FILE.fullmatch(value.text) for value in values)

    def _is_path(self, node: Node, *, is_output: bool) -> bool:
        """A path that isn't a route, a cookie's path, a format or a URL."""
        values = self._values(node)
        if not values or any(value.base == "absolute" or is_address(value.text) for value in values):
            return False
        if all(value.base == "file" for value in values) or (node.type == "call_expression" and len(values) == 1):
            return True
        looks = (_NAME, _RELATIVE) if is_output and string_value(node) is not None else (_RELATIVE, _FILE)
        return all(any(look.fullmatch(value.text) for look in looks) for value in values)
