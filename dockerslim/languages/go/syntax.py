"""One Go file, read with tree-sitter: its calls, and what its names can hold.

The tree is walked once, without recursion, and dropped; what is kept is small and has no positions but lines.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from dockerslim.languages.go.expressions import FLAG_PLACES, arguments_of, called, source_of, value_of
from dockerslim.languages.go.header import Header
from dockerslim.languages.go.values import UNKNOWN, Choice, Value

if TYPE_CHECKING:
    from tree_sitter import Node, Parser

_SHOWN = 80


@dataclass(frozen=True, slots=True)
class Scope:
    """A function: its parameters by position, and all that is ever put into its local names."""

    name: str
    is_method: bool
    parameters: Mapping[str, int]
    variables: Mapping[str, tuple[Value, ...]]

    def declares(self, name: str) -> bool:
        return name in self.parameters or name in self.variables


@dataclass(frozen=True, slots=True)
class Call:
    """A call. `operand` is what stands before the dot: None without a dot, empty for more than a name."""

    operand: str | None
    name: str
    arguments: tuple[Value, ...]
    sources: tuple[str, ...]
    """The arguments as written, cut short."""
    line: int
    scope: int
    text: str
    """The call as written, cut short."""


@dataclass(frozen=True, slots=True)
class Composite:
    """A struct literal with named fields, or one field that is assigned to (then `name` is empty)."""

    operand: str | None
    name: str
    fields: Mapping[str, Value]
    line: int
    scope: int
    text: str


@dataclass(frozen=True, slots=True)
class Syntax:
    """What a file holds. `scopes[0]` is the file itself: its constants and variables."""

    header: Header
    scopes: tuple[Scope, ...]
    calls: tuple[Call, ...]
    composites: tuple[Composite, ...]
    fields: Mapping[str, tuple[Value, ...]]
    """What is assigned to a field of this name, of whatever struct."""


def parse(text: str, header: Header) -> Syntax:
    """Read a Go file; a part that doesn't parse is passed over, and nothing is raised."""
    data = text.encode("utf-8", "replace")
    reader = _Reader(data)
    reader.read(_parser().parse(data).root_node)
    return Syntax(
        header,
        tuple(
            Scope(s.name, s.is_method, s.parameters, {name: tuple(values) for name, values in s.variables.items()})
            for s in reader.scopes
        ),
        tuple(reader.calls),
        tuple(reader.composites),
        {name: tuple(values) for name, values in reader.fields.items()},
    )


_parsers: list[Parser] = []


def _parser() -> Parser:
    if not _parsers:
        import tree_sitter
        import tree_sitter_go

        _parsers.append(tree_sitter.Parser(tree_sitter.Language(tree_sitter_go.language())))
    return _parsers[0]


@dataclass(slots=True)
class _OpenScope:
    name: str = ""
    is_method: bool = False
    parameters: dict[str, int] = field(default_factory=dict)
    variables: dict[str, list[Value]] = field(default_factory=dict)


@dataclass(slots=True)
class _Reader:
    data: bytes
    scopes: list[_OpenScope] = field(default_factory=lambda: [_OpenScope()])
    calls: list[Call] = field(default_factory=list)
    composites: list[Composite] = field(default_factory=list)
    fields: dict[str, list[Value]] = field(default_factory=dict)

    def read(self, root: Node) -> None:
        assigned: list[tuple[int, str, Value]] = []
        stack = [(root, 0)]
        while stack:
            node, scope = stack.pop()
            match node.type:
                case "function_declaration" | "method_declaration":
                    scope = self._open(node)
                case "func_literal":
                    for name in _parameter_names(node):
                        self._put(scope, name, UNKNOWN)
                case "const_spec" | "var_spec":
                    self._declare(scope, node.children_by_field_name("name"), node.child_by_field_name("value"))
                case "short_var_declaration":
                    left = node.child_by_field_name("left")
                    self._declare(scope, left.named_children if left else [], node.child_by_field_name("right"))
                case "assignment_statement":
                    assigned.extend(self._assign(scope, node))
                case "range_clause":
                    self._range(scope, node)
                case "call_expression":
                    assigned.extend(self._call(scope, node))
                case "composite_literal":
                    self._composite(scope, node)
            stack.extend((child, scope) for child in reversed(node.named_children))
        # Only now it is known which names each function declares.
        for scope, name, value in assigned:
            declared = self.scopes[scope]
            if name in declared.variables or name in declared.parameters:
                self._put(scope, name, value)
            else:
                # A variable of the package, or of another file of it.
                self._put(0, name, value)

    def _shown(self, node: Node) -> str:
        """A node's text, cut short; never all of it, for nested calls would be copied again and again."""
        end = min(node.end_byte, node.start_byte + 4 * _SHOWN)
        return " ".join(self.data[node.start_byte : end].decode("utf-8", "replace").split())[:_SHOWN]

    def _put(self, scope: int, name: str, value: Value) -> None:
        self.scopes[scope].variables.setdefault(name, []).append(value)

    def _open(self, node: Node) -> int:
        name = node.child_by_field_name("name")
        opened = _OpenScope(source_of(name) if name else "", node.type == "method_declaration")
        for index, parameter in enumerate(_parameter_names(node)):
            opened.parameters[parameter] = index
        receiver = node.child_by_field_name("receiver")
        if receiver is not None:
            for declaration in receiver.named_children:
                for child in declaration.children_by_field_name("name"):
                    opened.variables.setdefault(source_of(child), []).append(UNKNOWN)
        self.scopes.append(opened)
        return len(self.scopes) - 1

    def _declare(self, scope: int, names: list[Node], values: Node | None) -> None:
        given = values.named_children if values is not None else []
        targets = [node for node in names if node.type == "identifier"]
        for index, target in enumerate(targets):
            if not given:
                # `var x string` is empty until somebody assigns to it; that is no value to report.
                self.scopes[scope].variables.setdefault(source_of(target), [])
            elif index == 0 or len(given) > index:
                # `data, err := f()`: only the first name can hold a path.
                self._put(scope, source_of(target), value_of(given[min(index, len(given) - 1)]))
            else:
                self._put(scope, source_of(target), UNKNOWN)

    def _assign(self, scope: int, node: Node) -> Iterator[tuple[int, str, Value]]:
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        operator = node.child_by_field_name("operator")
        if left is None or right is None:
            return
        plain = operator is None or operator.text == b"="
        given = right.named_children
        for index, target in enumerate(left.named_children):
            value = value_of(given[index]) if plain and index < len(given) else UNKNOWN
            if target.type == "unary_expression" and target.named_children:
                target = target.named_children[0]
            if target.type == "identifier":
                yield scope, source_of(target), value
            elif target.type == "selector_expression" and (name := target.child_by_field_name("field")) is not None:
                self._field(scope, source_of(name), value, node)

    def _field(self, scope: int, name: str, value: Value, node: Node) -> None:
        self.fields.setdefault(name, []).append(value)
        self.composites.append(Composite(None, "", {name: value}, _line(node), scope, self._shown(node)))

    def _range(self, scope: int, node: Node) -> None:
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        names = [child for child in left.named_children if child.type == "identifier"] if left else []
        for index, target in enumerate(names):
            value = value_of(right) if index == 1 and right is not None else UNKNOWN
            # Only a list that stands there has known elements: the value of a name is not that of its elements.
            self._put(scope, source_of(target), value if isinstance(value, Choice) else UNKNOWN)

    def _call(self, scope: int, node: Node) -> Iterator[tuple[int, str, Value]]:
        function = called(node)
        arguments = arguments_of(node)
        if function is None:
            return
        operand, name = function
        values = tuple(value_of(argument) for argument in arguments)
        self.calls.append(
            Call(operand, name, values, tuple(map(self._shown, arguments)), _line(node), scope, self._shown(node))
        )
        is_flag = name in ("StringVar", "StringVarP")
        for argument in () if is_flag else arguments:
            # Who is given the address of a name may write to it.
            if argument.type == "unary_expression" and self.data[argument.start_byte : argument.start_byte + 1] == b"&":
                inner = argument.named_children[0] if argument.named_children else argument
                if inner.type == "identifier":
                    yield scope, source_of(inner), UNKNOWN
        if is_flag and operand is not None and len(arguments) > FLAG_PLACES[name][1]:
            default = values[FLAG_PLACES[name][1]]
            target = arguments[0]
            if target.type == "unary_expression" and target.named_children:
                target = target.named_children[0]
            if target.type == "identifier":
                yield scope, source_of(target), default
            elif target.type == "selector_expression" and (member := target.child_by_field_name("field")) is not None:
                self.fields.setdefault(source_of(member), []).append(default)

    def _composite(self, scope: int, node: Node) -> None:
        kind, body = node.child_by_field_name("type"), node.child_by_field_name("body")
        if kind is None or body is None:
            return
        operand: str | None = None
        if kind.type not in ("qualified_type", "type_identifier"):
            return
        name = source_of(kind)
        if kind.type == "qualified_type":
            operand, _, name = name.partition(".")
        fields: dict[str, Value] = {}
        for element in body.named_children:
            key, value = element.child_by_field_name("key"), element.child_by_field_name("value")
            if element.type == "keyed_element" and key is not None and value is not None:
                inner = value.named_children[0] if value.type == "literal_element" and value.named_children else value
                label = key.named_children[0] if key.named_children else key
                if label.type == "identifier":
                    fields[source_of(label)] = found = value_of(inner)
                    self.fields.setdefault(source_of(label), []).append(found)
        self.composites.append(Composite(operand, name, fields, _line(node), scope, self._shown(node)))


def _parameter_names(node: Node) -> list[str]:
    parameters = node.child_by_field_name("parameters")
    names: list[str] = []
    for declaration in parameters.named_children if parameters is not None else []:
        # A parameter without a name still has a position.
        given = [source_of(child) for child in declaration.children_by_field_name("name")]
        names += given or [f"#{len(names)}"]
    return names


def _line(node: Node) -> int:
    return node.start_point[0] + 1
