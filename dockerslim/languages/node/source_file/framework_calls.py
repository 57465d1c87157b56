"""What one file of source tells a web framework: views, and where it listens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dockerslim.languages.evidence import Evidence
from dockerslim.languages.node.bindings import Bindings
from dockerslim.languages.node.file_use import FileUse
from dockerslim.languages.node.listening import is_socket, port_numbers
from dockerslim.languages.node.source_file.path_uses import PathUses
from dockerslim.languages.node.syntax import pairs_of, string_value, text_of

if TYPE_CHECKING:
    from tree_sitter import Node

_RENDERING = frozenset({"res", "response", "reply", "ctx", "app", "router"})
"""Names that are customary for what renders a view."""


class FrameworkCalls:
    """Collects calls of express, koa, fastify and their like."""

    def __init__(self, uses: PathUses, bindings: Bindings) -> None:
        self.uses = uses
        self.reader = uses.reader
        self.bindings = bindings
        self.renders: list[Evidence] = []
        self.view_folders: list[FileUse] = []
        self.sets_views = False
        self.ports: list[int] = []

    def look_at(self, function: Node, arguments: list[Node]) -> None:
        """A call of any kind: those that are none of a framework's are passed over."""
        if function.type != "member_expression" or not arguments:
            return
        property_, object_ = function.child_by_field_name("property"), function.child_by_field_name("object")
        name = text_of(property_) if property_ is not None else ""
        if name in ("render", "view") and object_ is not None and text_of(object_).rsplit(".", 1)[-1] in _RENDERING:
            if arguments[0].type in ("string", "template_string", "identifier"):
                self.renders.append(self.uses.evidence(function))
        elif name == "set" and string_value(arguments[0]) == "views" and len(arguments) == 2:
            self._views(arguments[1], function)
        elif name == "listen":
            self._listen(arguments)

    def _views(self, node: Node, call: Node) -> None:
        self.sets_views = True
        items = node.named_children if node.type == "array" else [node]
        for item in items:
            uses = [use for value in self.reader.values(item) if (use := self.uses.use(value, item)) is not None]
            self.view_folders += uses
            if not uses:
                self.uses.unknown["read"].append(self.uses.evidence(call))

    def _listen(self, arguments: list[Node]) -> None:
        first = arguments[0]
        options = pairs_of(first)
        self.ports += port_numbers(options.get("port", first), self.bindings)
        place = options.get("path", first)
        values = [value for value in self.reader.values(place) if is_socket(value)]
        self.uses.known["write"] += [use for value in values if (use := self.uses.use(value, place)) is not None]
