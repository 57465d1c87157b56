"""What the calls of one file of source do with paths, by the rules of source_calls.toml."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from dockerslim.languages.node.bindings import OWN_MODULES, Bindings, Member
from dockerslim.languages.node.file_use import FileUse
from dockerslim.languages.node.module_resolution import is_builtin
from dockerslim.languages.node.option_objects import objects_in
from dockerslim.languages.node.path_values import PathValue
from dockerslim.languages.node.source_calls import (
    CallRule,
    Effect,
    is_file_object,
    is_file_system,
    modules_with_rules,
    rules_for_file_method,
    rules_for_member,
    rules_for_method,
)
from dockerslim.languages.node.source_file.given_paths import GivenPaths
from dockerslim.languages.node.source_file.path_uses import PathUses
from dockerslim.languages.node.source_file.program_calls import ProgramCalls
from dockerslim.languages.node.syntax import pairs_of, snippet_of, string_value, text_of

if TYPE_CHECKING:
    from tree_sitter import Node


class PathCalls:
    """Applies the rules to calls, and to functions of the file system that are not called by their name."""

    def __init__(self, uses: PathUses, programs: ProgramCalls, bindings: Bindings, modules: Collection[str]) -> None:
        self.uses = uses
        self.programs = programs
        self.reader = uses.reader
        self.bindings = bindings
        self.modules = modules
        """What the file imports."""
        self.given = GivenPaths(uses, bindings)
        self.folder_changes: list[FileUse] = []
        self._followed: set[int] = set()
        """Nodes that are called, or bound to a name, or part of a larger member: parents come before them."""

    def look_at_call(self, function: Node, arguments: list[Node], call: Node) -> None:
        self._look_at_file_object(function, call)
        if snippet_of(function) == "process.chdir" and arguments:
            self._change_folder(arguments[0])
        member = self.bindings.member(function)
        rules = self._rules(function, member)
        self._followed.add(function.id)
        if member is not None and member.name == "promisify":
            self._followed.update(argument.id for argument in arguments)
        for rule in rules:
            if rule.effect == "settings":
                if arguments and self.reader.values(arguments[0]):
                    self.uses.add("settings", arguments[0], call)
                    break
            else:
                self._apply(rule, arguments, call)
        if not rules:
            self.given.look_at(function, arguments, call)

    def _rules(self, function: Node, member: Member | None) -> tuple[CallRule, ...]:
        """By the module that the function is of; else by that which made the object, or by the name of the method."""
        property_ = function.child_by_field_name("property") if function.type == "member_expression" else None
        name = text_of(property_) if property_ is not None else ""
        if member is None:
            made_by = self.bindings.maker(function) if not name else None
            given_back = rules_for_member(made_by.module, "()") if made_by is not None else ()
            return given_back or rules_for_method(name, self.modules)
        rules = rules_for_member(member.module, member.name or "")
        is_own = member.module.startswith(OWN_MODULES) or is_builtin(member.module)
        return (
            rules
            if rules or is_own or member.module in modules_with_rules()
            else rules_for_method(name, self.modules, of_package=True)
        )

    def look_at_binding(self, value: Node) -> None:
        """`const read = fs.readFile`: what is done with the name tells more."""
        self._followed.add(value.id)

    def look_at_member(self, node: Node) -> None:
        """`fs.readFile` handed on as a value may be called with any path."""
        object_ = node.child_by_field_name("object")
        if object_ is not None:
            self._followed.add(object_.id)
        if node.id in self._followed:
            return
        member = self.bindings.member(node)
        if member is None or member.name is None or not is_file_system(member.module):
            return
        for rule in rules_for_member(member.module, member.name):
            effect = "write" if rule.effect in ("write", "open") else "read"
            self.uses.unknown[effect].append(self.uses.evidence(node))

    def look_at_subscript(self, node: Node) -> None:
        """`fs[name](…)` may be any function."""
        member = self.bindings.member(node.child_by_field_name("object"))
        if member is not None and member.name is None and is_file_system(member.module):
            for effect in ("read", "write"):
                self.uses.unknown[effect].append(self.uses.evidence(node))

    def _look_at_file_object(self, function: Node, call: Node) -> None:
        """`Bun.file("x").writer()`, and the same of a name that stands for such a file."""
        property_, object_ = function.child_by_field_name("property"), function.child_by_field_name("object")
        if function.type != "member_expression" or property_ is None or object_ is None:
            return
        for rule in rules_for_file_method(text_of(property_)):
            objects = [object_] if object_.type != "identifier" else self.bindings.constants(text_of(object_))
            if not objects and text_of(property_) == "writer":
                self.uses.do_not_know(rule.effect, call)
            for node in objects:
                made_by = self.bindings.member(node.child_by_field_name("function"))
                if made_by is not None and is_file_object(made_by.module, made_by.name):
                    self.uses.add(rule.effect, node, call)

    def _apply(self, rule: CallRule, arguments: list[Node], call: Node) -> None:
        effect = rule.effect
        if effect in ("program", "shell"):
            self.programs.add(arguments, call, effect)
            return
        if effect == "open":
            effect = _effect_of_open(arguments)
        if rule.keys or rule.folder_keys:
            found = self._options(rule, effect, arguments, call)
            if found and rule.folder_keys and rule.argument is not None and rule.argument < len(arguments):
                self.reader.values(arguments[rule.argument])  # it lies in the folder
            if found or rule.argument is None or (arguments and arguments[0].type == "object"):
                return
        if rule.argument is None:
            return
        if rule.argument >= len(arguments):
            self.uses.add_path(effect, rule.default, call)
            return
        argument = arguments[rule.argument]
        if argument.type in ("object", "function_expression", "arrow_function", "number", "null"):
            return
        if rule.literal and not self.reader.values(argument):
            return
        if rule.has_root and len(arguments) > 1 and "root" in (options := pairs_of(arguments[1])):
            self.uses.add(effect, options["root"], call)
            return
        self.uses.add(effect, argument, call, is_folder=rule.is_folder)

    def _options(self, rule: CallRule, effect: Effect, arguments: list[Node], call: Node) -> bool:
        """The members that are paths; True where there is one."""
        objects, is_whole = objects_in(arguments, self.bindings)
        if rule.only_with and not any(_is_set(pairs.get(rule.only_with)) for pairs in objects):
            objects = []
        has_one = False
        for pairs in objects:
            folders = [pairs[key] for key in rule.folder_keys if key in pairs]
            if not folders:
                folders = [pairs[key] for key in rule.default_keys if key in pairs]
            for folder in folders:
                self.uses.add(effect, folder, call, is_folder=True)
            for file in (pairs[key] for key in rule.keys if key in pairs and pairs[key].type != "object"):
                if folders:
                    self.reader.values(file)  # it lies in the folder
                else:
                    self.uses.add(effect, file, call)
                has_one = True
            has_one |= bool(folders)
        is_whole &= not any(argument.type == "string" for argument in arguments)
        if rule.always and not has_one and not is_whole:
            self.uses.do_not_know(effect, call)
        if not has_one and (objects or not rule.only_with) and rule.argument is None:
            self.uses.add_path(effect, rule.default, call)
        return has_one

    def _change_folder(self, node: Node) -> None:
        for value in self.reader.values(node) or (PathValue("", "cwd", is_partial=True),):
            use = self.uses.use(value, node) or FileUse("", self.uses.evidence(node), is_partial=True)
            self.folder_changes.append(use)


def _is_set(node: Node | None) -> bool:
    return node is not None and node.type not in ("false", "null", "undefined")


def _effect_of_open(arguments: list[Node]) -> Effect:
    flags = string_value(arguments[1]) if len(arguments) > 1 else "r"
    return "read" if flags in ("r", "rs") else "write"
