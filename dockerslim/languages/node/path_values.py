"""What path an expression stands for, as far as the file alone tells."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from dockerslim.languages.node.bindings import Bindings, required_module
from dockerslim.languages.node.file_use import Base
from dockerslim.languages.node.syntax import arguments_of, pairs_of, snippet_of, string_value, text_of, walk

if TYPE_CHECKING:
    from tree_sitter import Node

_DEPTH_LIMIT = 12
_STEP_LIMIT = 50_000
_ALTERNATIVES_LIMIT = 6
_LENGTH_LIMIT = 400
_BODY_LIMIT = 1_500
"""Bytes; a longer function makes more than a path."""


@dataclass(frozen=True, slots=True)
class PathValue:
    """One value. For the base "file" the text is relative to the context."""

    text: str
    base: Base = "cwd"
    is_partial: bool = False
    """`text` is only the start."""
    variable: str | None = None


Importer = Callable[[str, Sequence[str], bool, int], tuple[PathValue, ...]]
"""The values of an export: its module, its name and those of members of it, whether it is called, and the depth."""

_PATH_MODULES = ("path", "url", "bun", "os")
_FUNCTIONS = ("arrow_function", "function_expression", "function_declaration")
_WRAPPERS = (
    "parenthesized_expression",
    "await_expression",
    "as_expression",
    "non_null_expression",
    "satisfies_expression",
)


def no_import(module: str, names: Sequence[str], is_called: bool, depth: int) -> tuple[PathValue, ...]:
    """An importer that knows no other file."""
    return ()


@dataclass(frozen=True, slots=True)
class PathReader:
    """Evaluates expressions of one file, which lies at `located_at` when it runs."""

    located_at: str
    bindings: Bindings
    imported: Importer = no_import
    _steps: list[int] = field(default_factory=lambda: [_STEP_LIMIT])
    """What is left of the work that one file may cause: constants that name each other multiply."""
    seen: set[int] = field(default_factory=set)
    """The nodes that were evaluated."""

    def values(self, node: Node | None, depth: int = 0) -> tuple[PathValue, ...]:
        """The values that the expression may have; none where they aren't known."""
        self._steps[0] -= 1
        if node is None or depth > _DEPTH_LIMIT or self._steps[0] < 0:
            return ()
        self.seen.add(node.id)
        plain = string_value(node)
        if plain is not None:
            return (PathValue(plain[:_LENGTH_LIMIT], "absolute" if plain.startswith("/") else "cwd"),)
        match node.type:
            case "identifier" | "shorthand_property_identifier":
                return self._identifier(node, depth)
            case "template_string":
                return self._template(node, depth)
            case "binary_expression":
                return self._binary(node, depth)
            case "ternary_expression":
                return self._either(node, ("consequence", "alternative"), depth)
            case "call_expression" | "new_expression":
                return self._call(node, depth)
            case "member_expression":
                return self._member(node, depth)
            case kind if kind in _WRAPPERS:
                return self.values(node.named_children[0], depth + 1) if node.named_children else ()
        return ()

    def _identifier(self, node: Node, depth: int) -> tuple[PathValue, ...]:
        name = text_of(node)
        if name in ("__dirname", "__filename") and not self.bindings.constants(name):
            return (self._here(name == "__dirname"),)
        return self.values_of_name(name, (), False, depth)

    def has(self, name: str) -> bool:
        """Is a constant, a function or an import of this name known?"""
        return name in self.bindings.values or name in self.bindings.functions or name in self.bindings.modules

    def values_of_name(self, name: str, members: Sequence[str], is_called: bool, depth: int) -> tuple[PathValue, ...]:
        """The values of `name.member.member`, or of what calling it gives back."""
        if name in self.bindings.changing:
            return ()
        nodes = [*self.bindings.constants(name), *(self.bindings.functions.get(name, ()) if is_called else ())]
        if nodes:
            return self.values_of(nodes, members, is_called, depth)
        member = self.bindings.modules.get(name)
        if member is None or depth > _DEPTH_LIMIT:
            return ()
        return self.imported(
            member.module, ((member.name,) if member.name else ()) + tuple(members), is_called, depth + 1
        )

    def values_of(
        self, nodes: Sequence[Node], members: Sequence[str], is_called: bool, depth: int
    ) -> tuple[PathValue, ...]:
        """The values that one of these expressions may have, or the member of it that these names lead to."""
        found: list[PathValue] = []
        for node in nodes:
            values = self._values_below(node, members, is_called, depth + 1)
            if not values:
                return ()
            found += values
        return tuple(found[:_ALTERNATIVES_LIMIT])

    def _values_below(self, node: Node, members: Sequence[str], is_called: bool, depth: int) -> tuple[PathValue, ...]:
        self._steps[0] -= 1
        if depth > _DEPTH_LIMIT or self._steps[0] < 0:
            return ()
        if not members:
            return self._given_back(node, depth) if is_called else self.values(node, depth)
        if node.type in _WRAPPERS and node.named_children:
            return self._values_below(node.named_children[0], members, is_called, depth + 1)
        if node.type == "call_expression" and snippet_of(node).startswith("Object.freeze("):
            arguments = arguments_of(node)
            return self._values_below(arguments[0], members, is_called, depth + 1) if arguments else ()
        if node.type in ("identifier", "shorthand_property_identifier"):
            return self.values_of_name(text_of(node), members, is_called, depth + 1)
        value = pairs_of(node).get(members[0])
        if value is None or members[0] in self.bindings.set_members or _is_spread_over(node, value):
            return ()
        return self._values_below(value, members[1:], is_called, depth + 1)

    def _given_back(self, node: Node, depth: int) -> tuple[PathValue, ...]:
        """The values that a function gives back; its parameters are not known."""
        if node.type in ("identifier", "shorthand_property_identifier"):
            return self.values_of_name(text_of(node), (), True, depth + 1)
        body = node.child_by_field_name("body") if node.type in (*_FUNCTIONS, "method_definition") else None
        if body is None:
            return ()
        if body.type != "statement_block":
            return self.values(body, depth + 1)
        if body.end_byte - body.start_byte > _BODY_LIMIT:
            return ()
        inner = [item for item in walk(body) if item.type in (*_FUNCTIONS, "method_definition")]
        if inner:
            return ()  # whose `return` is whose isn't told apart
        returned = [
            item.named_children[0] for item in walk(body) if item.type == "return_statement" and item.named_children
        ]
        return self.values_of(returned, (), False, depth + 1)

    def _here(self, is_folder: bool) -> PathValue:
        return PathValue(posixpath.dirname(self.located_at) if is_folder else self.located_at, "file")

    def _member(self, node: Node, depth: int) -> tuple[PathValue, ...]:
        match snippet_of(node):
            case "import.meta.dirname" | "import.meta.dir":
                return (self._here(True),)
            case "import.meta.filename" | "import.meta.path" | "import.meta.url":
                return (self._here(False),)
        return self._chain(node, False, depth)

    def _chain(self, node: Node, is_called: bool, depth: int) -> tuple[PathValue, ...]:
        """`settings.folders.logs`, of an object of the file or of another one."""
        names: list[str] = []
        while node.type == "member_expression" and len(names) < _DEPTH_LIMIT:
            property_, object_ = node.child_by_field_name("property"), node.child_by_field_name("object")
            if property_ is None or object_ is None:
                return ()
            names.insert(0, text_of(property_))
            node = object_
        module = required_module(node)
        if module is not None and depth <= _DEPTH_LIMIT:
            return self.imported(module, names, is_called, depth + 1)
        return self.values_of_name(text_of(node), names, is_called, depth) if node.type == "identifier" else ()

    def _either(self, node: Node, names: tuple[str, str], depth: int) -> tuple[PathValue, ...]:
        sides = [self.values(node.child_by_field_name(name), depth + 1) for name in names]
        return (*sides[0], *sides[1])[:_ALTERNATIVES_LIMIT] if all(sides) else ()

    def _binary(self, node: Node, depth: int) -> tuple[PathValue, ...]:
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        operator = node.child_by_field_name("operator")
        sign = text_of(operator) if operator is not None else ""
        if sign == "+":
            return self._concatenate([self.values(left, depth + 1), self.values(right, depth + 1)])
        if sign in ("||", "??"):
            variable = environment_variable(left)
            if variable is not None:
                return tuple(replace(value, variable=variable) for value in self.values(right, depth + 1))
            return self._either(node, ("left", "right"), depth)
        return ()

    def _template(self, node: Node, depth: int) -> tuple[PathValue, ...]:
        parts: list[tuple[PathValue, ...]] = []
        for child in node.named_children:
            if child.type == "template_substitution":
                parts.append(self.values(child.named_children[0], depth + 1) if child.named_children else ())
            else:
                parts.append((PathValue(text_of(child)),))
        return self._concatenate(parts)

    def _concatenate(self, parts: list[tuple[PathValue, ...]]) -> tuple[PathValue, ...]:
        if not parts or not parts[0]:
            return ()
        found = list(parts[0])
        for part in parts[1:]:
            joined: list[PathValue] = []
            for value in found:
                if value.is_partial or not part:
                    joined.append(replace(value, is_partial=True))
                else:
                    joined += [
                        replace(
                            value,
                            text=(value.text + other.text)[:_LENGTH_LIMIT],
                            base="absolute"
                            if value.text == "" and other.base == "absolute" and value.base == "cwd"
                            else value.base,
                            is_partial=other.is_partial,
                            variable=value.variable or other.variable,
                        )
                        for other in part
                    ]
            found = joined[:_ALTERNATIVES_LIMIT]
        return tuple(self._rooted(value) for value in found)

    def _rooted(self, value: PathValue) -> PathValue:
        """`__dirname + "/x"` in the root folder of the context is `x`, not `/x`."""
        return replace(value, text=value.text.lstrip("/")) if value.base == "file" else value

    def _call(self, node: Node, depth: int) -> tuple[PathValue, ...]:
        arguments = arguments_of(node)
        function = node.child_by_field_name("function") or node.child_by_field_name("constructor")
        if function is None:
            return ()
        name = snippet_of(function)
        if name == "process.cwd":
            return (PathValue("", "cwd"),)
        if name == "require.resolve" and arguments:
            value = string_value(arguments[0])
            if value is not None and value.startswith("."):
                return self._join([(self._here(True),), (PathValue(value),)], False)
            return ()
        if name == "URL" and len(arguments) == 2 and snippet_of(arguments[1]) == "import.meta.url":
            value = string_value(arguments[0])
            return self._join([(self._here(True),), (PathValue(value),)], False) if value is not None else ()
        member = self.bindings.member(function)
        if member is None or member.name is None or member.module not in _PATH_MODULES:
            is_plain = node.type == "call_expression" and function.type in ("identifier", "member_expression")
            return self._chain(function, True, depth) if is_plain else ()
        if member.module == "path":
            return self._path_function(member.name, arguments, depth)
        if member.module == "url" and member.name == "fileURLToPath" and arguments:
            return self.values(arguments[0], depth + 1)
        if member.module == "bun" and member.name in ("file", "fileURLToPath") and arguments:
            return self.values(arguments[0], depth + 1)
        if member.module == "os" and member.name == "tmpdir":
            return (PathValue("/tmp", "absolute"),)
        return ()

    def _path_function(self, name: str, arguments: list[Node], depth: int) -> tuple[PathValue, ...]:
        if name in ("join", "resolve") and arguments:
            return self._join([self.values(argument, depth + 1) for argument in arguments], name == "resolve")
        if name == "normalize" and arguments:
            return self._join([self.values(arguments[0], depth + 1)], False)
        if name == "dirname" and arguments:
            values = self.values(arguments[0], depth + 1)
            if any(value.is_partial for value in values):
                return ()
            return tuple(replace(value, text=posixpath.dirname(value.text)) for value in values)
        return ()

    def _join(self, parts: list[tuple[PathValue, ...]], is_resolve: bool) -> tuple[PathValue, ...]:
        """path.join, and path.resolve, for which an absolute part starts anew."""
        if not parts or not parts[0]:
            return ()
        found = list(parts[0])
        for part in parts[1:]:
            joined: list[PathValue] = []
            for value in found:
                if value.is_partial or not part:
                    # What is joined may hold a separator, so this is the folder that it is in.
                    joined.append(replace(value, text=value.text.rstrip("/") + "/", is_partial=True))
                    continue
                for other in part:
                    if is_resolve and other.base != "cwd":
                        joined.append(other)
                    else:
                        text = posixpath.join(value.text, other.text.lstrip("/"))[:_LENGTH_LIMIT]
                        joined.append(
                            replace(
                                value,
                                text=text if other.is_partial else posixpath.normpath(text or "."),
                                is_partial=other.is_partial,
                                variable=value.variable or other.variable,
                            )
                        )
            found = joined[:_ALTERNATIVES_LIMIT]
        return tuple(self._rooted(value) for value in found)


def _is_spread_over(object_: Node, value: Node) -> bool:
    """May `{ a: 1, ...others }` have another `a`?"""
    return any(part.type == "spread_element" and part.start_byte > value.start_byte for part in object_.named_children)


def environment_variable(node: Node | None) -> str | None:
    """X of `process.env.X`, `process.env["X"]` and Bun's other names of it."""
    if node is None:
        return None
    text = snippet_of(node) if node.type in ("member_expression", "subscript_expression") else ""
    for prefix in ("process.env.", 'process.env["', "process.env['", "Bun.env.", "import.meta.env."):
        if text.startswith(prefix):
            name = text[len(prefix) :].rstrip("\"']")
            return name if name.isidentifier() else None
    return None
