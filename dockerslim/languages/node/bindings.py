"""Which names of a file stand for modules, members of modules and constants."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from dockerslim.languages.node.syntax import arguments_of, string_value, text_of

if TYPE_CHECKING:
    from tree_sitter import Node

_CHAIN_LIMIT = 12
_REQUIRE_LIMIT = len("module.require")

# Objects that hold the same functions as their module.
_SAME_AS_MODULE = frozenset({"promises", "default", "posix"})
OWN_MODULES = (".", "/", "#", "~", "@/")
"""What modules of the project itself begin with."""


@dataclass(frozen=True, slots=True)
class Member:
    """A module (`name` None), or what it exports under a name."""

    module: str
    name: str | None = None


_GLOBALS = {"Bun": Member("bun"), "Worker": Member("worker_threads", "Worker")}
"""What Bun has without an import; Node has neither."""


@dataclass(slots=True)
class Bindings:
    """Names of one file. Scopes are not told apart: a name bound twice has two values, one that is also a parameter
    or assigned to is not known."""

    modules: dict[str, Member] = field(default_factory=dict)
    values: dict[str, list[Node]] = field(default_factory=dict)
    functions: dict[str, list[Node]] = field(default_factory=dict)
    """Functions that are declared under a name."""
    changing: set[str] = field(default_factory=set)
    set_members: set[str] = field(default_factory=set)
    """Names of members that are assigned to, of whichever object."""

    def constants(self, name: str) -> list[Node]:
        """The expressions that a name may stand for; none where it may change."""
        return [] if name in self.changing else self.values.get(name, [])

    def _named(self, name: str) -> Member | None:
        if name in self.modules or name not in _GLOBALS or name in self.values or name in self.changing:
            return self.modules.get(name)
        return _GLOBALS[name]

    def member(self, node: Node | None) -> Member | None:
        """The member of a module that an expression is: `fs`, `fs.promises.readFile`, `require("fs").readFile`."""
        names: list[str] = []
        while node is not None and len(names) < _CHAIN_LIMIT:
            if node.type == "member_expression":
                property_ = node.child_by_field_name("property")
                names.append(text_of(property_) if property_ is not None else "")
                node = node.child_by_field_name("object")
            elif node.type in ("await_expression", "parenthesized_expression", "non_null_expression"):
                node = node.named_children[0] if node.named_children else None
            elif node.type == "call_expression":
                function = node.child_by_field_name("function")
                module = required_module(node)
                if module is not None:
                    return _below(Member(module), names)
                # sqlite3.verbose() gives the module back
                property_ = function.child_by_field_name("property") if function is not None else None
                is_verbose = property_ is not None and text_of(property_) == "verbose"
                node = function.child_by_field_name("object") if function is not None and is_verbose else None
            elif node.type == "identifier":
                known = self._named(text_of(node))
                return _below(known, names) if known is not None else None
            else:
                return None
        return None

    def maker(self, node: Node | None) -> Member | None:
        """The function of a module whose call gave an expression's object: `require("a")()`, `new A().x`, a name of
        either, and what methods of such an object give back."""
        for _ in range(_CHAIN_LIMIT):
            if node is None:
                return None
            match node.type:
                case "call_expression" | "new_expression":
                    function = node.child_by_field_name("function") or node.child_by_field_name("constructor")
                    member = self.member(function)
                    if member is not None:
                        return member
                    node = function
                case "member_expression":
                    node = node.child_by_field_name("object")
                case "await_expression" | "parenthesized_expression" | "non_null_expression" | "as_expression":
                    node = node.named_children[0] if node.named_children else None
                case "identifier":
                    values = self.constants(text_of(node))
                    node = values[0] if len(values) == 1 else None
                case _:
                    return None
        return None


def _below(member: Member, names: list[str]) -> Member:
    """`names` are properties, the outermost first."""
    own = [name for name in names if name not in _SAME_AS_MODULE]
    return Member(member.module, own[0]) if own else member


def required_module(node: Node | None) -> str | None:
    """The literal of `require("x")` or `import("x")`, without `node:`."""
    if node is None or node.type != "call_expression":
        return None
    function = node.child_by_field_name("function")
    if function is None or function.end_byte - function.start_byte > _REQUIRE_LIMIT:
        return None
    if text_of(function) not in ("require", "import", "module.require"):
        return None
    arguments = arguments_of(node)
    value = string_value(arguments[0]) if arguments else None
    return value.removeprefix("node:") if value is not None else None


def collect_bindings(nodes: Iterable[Node]) -> Bindings:
    """The bindings of a file from its nodes, in order."""
    bindings = Bindings()
    for node in nodes:
        match node.type:
            case "import_statement":
                _bind_import(bindings, node)
            case "variable_declarator":
                _bind_declarator(bindings, node)
            case "assignment_expression" | "augmented_assignment_expression":
                left = node.child_by_field_name("left")
                property_ = left.child_by_field_name("property") if left is not None else None
                if left is not None and left.type == "identifier":
                    bindings.changing.add(text_of(left))
                elif property_ is not None:
                    bindings.set_members.add(text_of(property_))
            case "function_declaration" if (name := node.child_by_field_name("name")) is not None:
                bindings.functions.setdefault(text_of(name), []).append(node)
            case "update_expression":
                bindings.changing.update(text_of(child) for child in node.named_children if child.type == "identifier")
            case "formal_parameters":
                bindings.changing.update(_parameter_names(node))
            case "arrow_function":
                parameter = node.child_by_field_name("parameter")
                if parameter is not None:
                    bindings.changing.add(text_of(parameter))
            case "for_in_statement":
                left = node.child_by_field_name("left")
                if left is not None:
                    bindings.changing.update(_parameter_names(left) if left.named_children else {text_of(left)})
    return bindings


def _parameter_names(node: Node) -> set[str]:
    """The names in a parameter list, one pattern deep."""
    names: set[str] = set()
    for child in node.named_children:
        pattern = child.child_by_field_name("pattern") or child.child_by_field_name("left") or child
        if pattern.type == "identifier":
            names.add(text_of(pattern))
        else:
            names.update(text_of(inner) for inner in pattern.named_children if "identifier" in inner.type)
    return names


def _bind_import(bindings: Bindings, node: Node) -> None:
    source = node.child_by_field_name("source")
    for clause in node.named_children:
        if clause.type == "import_require_clause":
            name = next((child for child in clause.named_children if child.type == "identifier"), None)
            module = string_value(clause.child_by_field_name("source"))
            if name is not None and module is not None:
                bindings.modules[text_of(name)] = Member(module.removeprefix("node:"))
        module = string_value(source)
        if clause.type != "import_clause" or module is None:
            continue
        module = module.removeprefix("node:")
        for part in clause.named_children:
            if part.type == "identifier":
                bindings.modules[text_of(part)] = Member(module)
            elif part.type == "namespace_import" and part.named_children:
                bindings.modules[text_of(part.named_children[0])] = Member(module)
            elif part.type == "named_imports":
                for specifier in part.named_children:
                    name = specifier.child_by_field_name("name")
                    alias = specifier.child_by_field_name("alias") or name
                    if name is not None and alias is not None:
                        bindings.modules[text_of(alias)] = _below(Member(module), [text_of(name)])


def _bind_declarator(bindings: Bindings, node: Node) -> None:
    name, value = node.child_by_field_name("name"), node.child_by_field_name("value")
    if name is None:
        return
    if value is None:
        if name.type == "identifier":
            bindings.changing.add(text_of(name))
        return
    member = bindings.member(value)
    if member is None and value.type == "call_expression":
        member = _promisified(bindings, value)
    if name.type == "identifier":
        # Of a file of the project, all names of `settings.folders.logs` count; packages have them in one level.
        is_own = member is not None and member.module.startswith(OWN_MODULES) and value.type == "member_expression"
        if member is not None and not is_own:
            bindings.modules[text_of(name)] = member
        else:
            bindings.values.setdefault(text_of(name), []).append(value)
    elif name.type == "object_pattern" and member is not None and member.name is None:
        for part in name.named_children:
            key, target = part.child_by_field_name("key"), part.child_by_field_name("value")
            if part.type == "shorthand_property_identifier_pattern":
                bindings.modules[text_of(part)] = _below(member, [text_of(part)])
            elif key is not None and target is not None and target.type == "identifier":
                bindings.modules[text_of(target)] = _below(member, [text_of(key)])


def _promisified(bindings: Bindings, call: Node) -> Member | None:
    """`promisify(fs.readFile)` is called like `fs.readFile`."""
    function = bindings.member(call.child_by_field_name("function"))
    arguments = arguments_of(call)
    if function is None or function.name != "promisify" or not arguments:
        return None
    return bindings.member(arguments[0])
