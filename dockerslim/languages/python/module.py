"""One parsed module: what it imports, what its names are bound to, and what in it may touch files."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass, field

import libcst as cst

from dockerslim.languages.python.syntax import children, dotted, parse

Interesting = cst.Call | cst.Dict | cst.BaseString | cst.BinaryOperation


@dataclass(frozen=True, slots=True)
class Import:
    """One imported module: `import name`, or `from name import members`."""

    name: str
    """Dotted; empty for `from . import x`."""
    level: int
    """The number of leading dots."""
    members: tuple[str, ...] = ()
    is_required: bool = True
    """False where it stands in a `try`, or under a condition."""


@dataclass(frozen=True, slots=True)
class Binding:
    """What a local name stands for by an import."""

    name: str
    level: int


@dataclass(slots=True)
class Module:
    """A module of the project, read once."""

    file: str
    tree: cst.Module
    imports: list[Import] = field(default_factory=list)
    bindings: dict[str, Binding] = field(default_factory=dict)
    assignments: dict[str, list[cst.BaseExpression | None]] = field(default_factory=dict)
    """Every value that a name gets anywhere in the module; None for one that no expression gives.

    A class attribute is `Class.name`, an attribute of an object as it is written: `self.path`.
    """
    configuration: dict[str, list[cst.BaseExpression]] = field(default_factory=dict)
    """Values of `app.config["KEY"] = …` and the like."""
    expressions: list[Interesting] = field(default_factory=list)
    """Calls, dictionaries and texts in the order of the source."""
    decorators: list[cst.BaseExpression] = field(default_factory=list)
    """Those that are no calls."""
    documentation: set[int] = field(default_factory=set)
    """The `id` of each text that stands alone, as those that describe a function do."""

    @property
    def package(self) -> str:
        return posixpath.dirname(self.file)

    def value_of(self, name: str) -> cst.BaseExpression | None:
        """The only expression that a name is ever bound to."""
        found = self.assignments.get(name, [])
        return found[0] if len(found) == 1 else None

    def full_name(self, node: cst.BaseExpression) -> str | None:
        """The dotted name of a function or value, with the module's absolute imports followed."""
        name = dotted(node)
        if name is None:
            return None
        root, dot, rest = name.partition(".")
        binding = self.bindings.get(root)
        if binding is None or binding.level:
            return name
        return f"{binding.name}{dot}{rest}"


def read_module(file: str, text: str) -> Module | None:
    """Parse a module's text; None where that can't be done."""
    tree = parse(text)
    if tree is None:
        return None
    module = Module(file, tree)
    pending: list[tuple[cst.CSTNode, str, bool]] = [(tree, "", True)]
    while pending:
        node, owner, is_required = pending.pop()
        _record(module, node, owner, is_required)
        if isinstance(node, cst.ClassDef):
            owner = node.name.value
        elif isinstance(node, (cst.FunctionDef, cst.Lambda)):
            owner = ""
        if isinstance(node, (cst.Try, cst.TryStar, cst.If)):
            is_required = False
        parts = [(part, owner, is_required) for part in children(node)]
        pending.extend(reversed(parts))
    return module


def _record(module: Module, node: cst.CSTNode, owner: str, is_required: bool) -> None:
    if isinstance(node, (cst.Call, cst.Dict, cst.BaseString, cst.BinaryOperation)):
        module.expressions.append(node)
        if isinstance(node, cst.Call):
            _record_configuration(module, node)
    elif isinstance(node, cst.Decorator):
        if not isinstance(node.decorator, cst.Call):
            module.decorators.append(node.decorator)
    elif isinstance(node, cst.Expr):
        module.documentation.add(id(node.value))
    elif isinstance(node, cst.Import):
        _record_import(module, node, is_required)
    elif isinstance(node, cst.ImportFrom):
        _record_import_from(module, node, is_required)
    elif isinstance(node, cst.Assign):
        for target in node.targets:
            _bind(module, target.target, node.value, owner)
    elif isinstance(node, cst.AnnAssign):
        if node.value is not None:
            _bind(module, node.target, node.value, owner)
    elif isinstance(node, cst.NamedExpr):
        _bind(module, node.target, node.value, "")
    elif isinstance(node, (cst.AugAssign, cst.For, cst.CompFor)):
        _bind(module, node.target, None, owner)
    elif isinstance(node, cst.WithItem):
        if node.asname is not None:
            _bind(module, node.asname.name, node.item, owner)
    elif isinstance(node, cst.ExceptHandler):
        if node.name is not None:
            _bind(module, node.name.name, None, owner)
    elif isinstance(node, cst.Param):
        _bind(module, node.name, None, "")


def _record_import(module: Module, node: cst.Import, is_required: bool) -> None:
    for alias in node.names:
        name = dotted(alias.name)
        if name is None:
            continue
        module.imports.append(Import(name, 0, (), is_required))
        if alias.asname is not None and isinstance(alias.asname.name, cst.Name):
            module.bindings[alias.asname.name.value] = Binding(name, 0)
        else:
            root = name.partition(".")[0]
            module.bindings[root] = Binding(root, 0)


def _record_import_from(module: Module, node: cst.ImportFrom, is_required: bool) -> None:
    name = (dotted(node.module) if node.module is not None else "") or ""
    level = len(node.relative)
    if isinstance(node.names, cst.ImportStar):
        module.imports.append(Import(name, level, ("*",), is_required))
        return
    members: list[str] = []
    for alias in node.names:
        member = dotted(alias.name)
        if member is None:
            continue
        members.append(member)
        has_alias = alias.asname is not None and isinstance(alias.asname.name, cst.Name)
        local = alias.asname.name.value if has_alias else member  # type: ignore[union-attr]
        module.bindings[local] = Binding(f"{name}.{member}" if name else member, level)
    module.imports.append(Import(name, level, tuple(members), is_required))


def _bind(module: Module, target: cst.CSTNode, value: cst.BaseExpression | None, owner: str) -> None:
    if isinstance(target, cst.Subscript):
        key = _configuration_key(target)
        if key is not None and value is not None:
            module.configuration.setdefault(key, []).append(value)
        return
    if isinstance(target, (cst.Tuple, cst.List)):
        for name in _names(target):
            module.assignments.setdefault(name, []).append(None)
        return
    bound = dotted(target) if isinstance(target, (cst.Name, cst.Attribute)) else None
    if bound is not None:
        module.assignments.setdefault(f"{owner}.{bound}" if owner else bound, []).append(value)


def _names(target: cst.CSTNode) -> Iterator[str]:
    pending = [target]
    while pending:
        node = pending.pop()
        if isinstance(node, cst.Name):
            yield node.value
        elif not isinstance(node, (cst.Attribute, cst.Subscript)):
            pending.extend(children(node))


def _configuration_key(node: cst.Subscript) -> str | None:
    """`KEY` of `app.config["KEY"]`."""
    name = dotted(node.value)
    if name is None or not (name == "config" or name.endswith(".config")) or len(node.slice) != 1:
        return None
    index = node.slice[0].slice
    return literal_text(index.value) if isinstance(index, cst.Index) else None


def configuration_key(node: cst.BaseExpression) -> str | None:
    """The key that `app.config["KEY"]` or `app.config.get("KEY")` reads."""
    if isinstance(node, cst.Subscript):
        return _configuration_key(node)
    if isinstance(node, cst.Call) and node.args:
        name = dotted(node.func)
        if name is not None and name.endswith("config.get"):
            return literal_text(node.args[0].value)
    return None


def _record_configuration(module: Module, call: cst.Call) -> None:
    """`app.config.update(KEY=…)` and `from_mapping`."""
    name = dotted(call.func)
    if name is None or not name.endswith(("config.update", "config.from_mapping")):
        return
    for argument in call.args:
        if argument.keyword is not None:
            module.configuration.setdefault(argument.keyword.value, []).append(argument.value)


def literal_text(node: cst.BaseExpression) -> str | None:
    """The text of a plain string literal."""
    if not isinstance(node, cst.SimpleString):
        return None
    try:
        value = node.evaluated_value
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return None
    return value if isinstance(value, str) else None


def keyword_argument(call: cst.Call, *names: str) -> cst.BaseExpression | None:
    """The value of the first of these keywords that a call is given."""
    for argument in call.args:
        if argument.keyword is not None and argument.keyword.value in names:
            return argument.value
    return None


def positional_argument(call: cst.Call, index: int) -> cst.BaseExpression | None:
    """A call's argument by place; None where it has none there, or a `*` comes before."""
    place = 0
    for argument in call.args:
        if argument.star == "*":
            return None
        if argument.keyword is None and not argument.star:
            if place == index:
                return argument.value
            place += 1
    return None


def last_positional_argument(call: cst.Call) -> cst.BaseExpression | None:
    """A call's last argument by place; None where it has none, or there is a `*`."""
    if any(argument.star == "*" for argument in call.args):
        return None
    return next((a.value for a in reversed(call.args) if a.keyword is None and not a.star), None)
