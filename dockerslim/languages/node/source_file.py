"""What one file of JavaScript or TypeScript loads, reads, writes and starts."""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from dockerslim.languages.evidence import Evidence, PathUse
from dockerslim.languages.node.bindings import Bindings, collect_bindings
from dockerslim.languages.node.file_use import FileUse, ProgramUse
from dockerslim.languages.node.imports import Import, collect_imports
from dockerslim.languages.node.listening import is_socket, port_numbers
from dockerslim.languages.node.option_objects import objects_in
from dockerslim.languages.node.path_strings import is_log_or_database, is_system_path
from dockerslim.languages.node.path_values import PathReader, PathValue
from dockerslim.languages.node.source_calls import (
    CallRule,
    Effect,
    KeyRule,
    is_file_object,
    is_file_system,
    key_rules,
    rules_for_file_method,
    rules_for_member,
    rules_for_method,
)
from dockerslim.languages.node.syntax import (
    arguments_of,
    filled_template,
    line_of,
    pairs_of,
    parse_source,
    snippet_of,
    string_value,
    text_of,
    walk,
)

if TYPE_CHECKING:
    from tree_sitter import Node

_STRING_LIMIT = 80
_SHELLS = frozenset({"sh", "bash"})
_IN_MEMORY = (":memory:", "file::memory:", "::memory:")
_VIEWS = frozenset({"res", "response", "reply", "ctx", "app", "router"})


@dataclass(frozen=True, slots=True)
class SourceFile:
    """The facts of one file."""

    path: str
    imports: tuple[Import, ...] = ()
    loaded_folders: tuple[FileUse, ...] = ()
    """Folders of which a `require` with a name made at run time loads files."""
    loaded_files: tuple[FileUse, ...] = ()
    """Files that workers and `fork` run."""
    unresolved: tuple[Evidence, ...] = ()
    """A `require` of an unknown name, or text that can't be parsed."""
    reads: tuple[FileUse, ...] = ()
    writes: tuple[FileUse, ...] = ()
    unknown_reads: tuple[Evidence, ...] = ()
    unknown_writes: tuple[Evidence, ...] = ()
    programs: tuple[ProgramUse, ...] = ()
    unknown_programs: tuple[Evidence, ...] = ()
    renders: tuple[Evidence, ...] = ()
    """Where it renders a view by name."""
    view_folders: tuple[FileUse, ...] = ()
    sets_views: bool = False
    strings: frozenset[str] = field(default=frozenset(), repr=False)
    ports: tuple[int, ...] = ()
    reads_package_environment: bool = False
    system_paths: tuple[PathUse, ...] = ()
    """Strings that are paths in folders of the system."""
    folder_changes: tuple[FileUse, ...] = ()
    """Where it changes the work folder."""


def read_source_file(path: str, text: str, located_at: str) -> SourceFile:
    """The facts of a file that lies at `located_at` (relative to the context) when it runs."""
    root = parse_source(path, text)
    if root is None:
        return SourceFile(path, unresolved=(Evidence(path, 0, "it is nested too deep to be read"),))
    nodes = list(walk(root))
    bindings = collect_bindings(nodes)
    reader = PathReader(located_at, bindings)
    found = collect_imports(path, nodes, reader)
    facts = _Facts(path, reader, bindings)
    for node in nodes:
        facts.look_at(node)
    facts.look_for_keys(nodes, {item.specifier.removeprefix("node:") for item in found.imports})
    facts.look_for_logs()
    unresolved = [*found.unresolved, *facts.unknown["load"]]
    if root.has_error:
        unresolved.append(Evidence(path, 0, "not all of it can be parsed"))
    return SourceFile(
        path,
        found.imports,
        found.folders,
        tuple(facts.uses["load"]),
        tuple(unresolved),
        (*facts.uses["read"], *facts.uses["static"]),
        tuple(facts.uses["write"]),
        tuple(facts.unknown["read"]),
        tuple(facts.unknown["write"]),
        tuple(facts.programs),
        tuple(facts.unknown["program"]),
        tuple(facts.renders),
        tuple(facts.view_folders),
        facts.sets_views,
        frozenset(facts.strings),
        tuple(dict.fromkeys(facts.ports)),
        facts.reads_package_environment,
        tuple(facts.system_paths),
        tuple(facts.folder_changes),
    )


class _Facts:
    """Collects what the nodes of one file say."""

    def __init__(self, path: str, reader: PathReader, bindings: Bindings) -> None:
        self.path = path
        self.reader = reader
        self.bindings = bindings
        self.uses: dict[str, list[FileUse]] = {"read": [], "write": [], "static": [], "load": []}
        self.unknown: dict[str, list[Evidence]] = {"read": [], "write": [], "load": [], "program": []}
        self.programs: list[ProgramUse] = []
        self.renders: list[Evidence] = []
        self.view_folders: list[FileUse] = []
        self.sets_views = False
        self.strings: set[str] = set()
        self.ports: list[int] = []
        self.reads_package_environment = False
        self.system_paths: list[PathUse] = []
        self.folder_changes: list[FileUse] = []
        self.logs: list[Node] = []
        """Strings that are names of logs and databases."""
        self._end_of_import = 0
        """Strings before this byte are specifiers, some of types only."""
        self._followed: set[int] = set()
        """Nodes that are called, or bound to a name, or part of a larger member: parents come before them."""

    def look_at(self, node: Node) -> None:
        match node.type:
            case "call_expression" | "new_expression":
                self._call(node)
            case "string" | "template_string":
                value = string_value(node)
                if value and len(value) <= _STRING_LIMIT and node.start_byte >= self._end_of_import:
                    self.strings.add(value)
                    self.reads_package_environment |= value.startswith("npm_package_")
                    if value.startswith("sqlite:"):
                        self._sqlite_address(value, node)
                    elif is_log_or_database(value):
                        self.logs.append(node)
                    if is_system_path(value):
                        self.system_paths.append(PathUse(posixpath.normpath(value), self._evidence(node)))
                elif node.type == "template_string" and is_log_or_database(filled_template(node)):
                    self.logs.append(node)
            case "import_statement":
                self._end_of_import = node.end_byte
            case "export_statement" if (source := node.child_by_field_name("source")) is not None:
                self._end_of_import = source.end_byte
            case "member_expression":
                self._member(node)
            case "variable_declarator":
                bound = node.child_by_field_name("value")
                if bound is not None:
                    self._followed.add(bound.id)
            case "subscript_expression":
                self._subscript(node)

    # --- calls ---

    def _call(self, node: Node) -> None:
        function = node.child_by_field_name("function") or node.child_by_field_name("constructor")
        if function is None:
            return
        arguments = arguments_of(node)
        self._framework_call(function, arguments)
        self._file_object_call(function, node)
        if snippet_of(function) == "process.chdir" and arguments:
            self._change_folder(arguments[0])
        member = self.bindings.member(function)
        if member is not None:
            rules = rules_for_member(member.module, member.name or "")
        else:
            property_ = function.child_by_field_name("property") if function.type == "member_expression" else None
            rules = rules_for_method(text_of(property_) if property_ is not None else "")
        self._followed.add(function.id)
        if member is not None and member.name == "promisify":
            self._followed.update(argument.id for argument in arguments)
        for rule in rules:
            self._apply(rule, arguments, node)

    def _file_object_call(self, function: Node, call: Node) -> None:
        """`Bun.file("x").writer()`, and the same of a name that stands for such a file."""
        property_, object_ = function.child_by_field_name("property"), function.child_by_field_name("object")
        if function.type != "member_expression" or property_ is None or object_ is None:
            return
        for rule in rules_for_file_method(text_of(property_)):
            objects = [object_] if object_.type != "identifier" else self.bindings.constants(text_of(object_))
            if not objects and text_of(property_) == "writer":
                self._do_not_know(rule.effect, call)
            for node in objects:
                made_by = self.bindings.member(node.child_by_field_name("function"))
                if made_by is not None and is_file_object(made_by.module, made_by.name):
                    self._path(rule.effect, node, call)

    def _apply(self, rule: CallRule, arguments: list[Node], call: Node) -> None:
        effect = rule.effect
        if effect in ("program", "shell"):
            self._program(arguments, call, effect)
            return
        if effect == "open":
            effect = self._effect_of_open(arguments)
        if rule.keys or rule.folder_keys:
            found = self._options(rule, effect, arguments, call)
            if found and rule.folder_keys and rule.argument is not None and rule.argument < len(arguments):
                self.reader.values(arguments[rule.argument])  # it lies in the folder
            if found or rule.argument is None or (arguments and arguments[0].type == "object"):
                return
        if rule.argument is None or rule.argument >= len(arguments):
            return
        argument = arguments[rule.argument]
        if argument.type in ("object", "function_expression", "arrow_function", "number", "null"):
            return
        if rule.has_root and len(arguments) > 1 and "root" in (options := pairs_of(arguments[1])):
            self._path(effect, options["root"], call)
            return
        self._path(effect, argument, call, is_folder=rule.is_folder)

    def _options(self, rule: CallRule, effect: Effect, arguments: list[Node], call: Node) -> bool:
        """The members that are paths; True where there is one."""
        objects, is_whole = objects_in(arguments, self.bindings)
        has_one = False
        for pairs in objects:
            folders = [pairs[key] for key in rule.folder_keys if key in pairs]
            for folder in folders:
                self._path(effect, folder, call, is_folder=True)
            for file in (pairs[key] for key in rule.keys if key in pairs):
                if folders:
                    self.reader.values(file)  # it lies in the folder
                else:
                    self._path(effect, file, call)
                has_one = True
            has_one |= bool(folders)
        is_whole &= not any(argument.type == "string" for argument in arguments)
        if rule.always and not has_one and not is_whole:
            self._do_not_know(effect, call)
        return has_one

    def _change_folder(self, node: Node) -> None:
        for value in self.reader.values(node) or (PathValue("", "cwd", is_partial=True),):
            use = self._use(value, node) or FileUse("", self._evidence(node), is_partial=True)
            self.folder_changes.append(use)

    def _path(self, effect: Effect, node: Node, call: Node, *, is_folder: bool = False) -> None:
        if node.type in ("true", "false", "number", "null", "undefined"):
            return
        if node.type == "array":
            for item in node.named_children:
                self._path(effect, item, call, is_folder=is_folder)
            return
        if node.type in ("arrow_function", "function_expression", "method_definition"):
            self._callback(effect, node, call, is_folder=is_folder)
            return
        values = tuple(value for value in self.reader.values(node) if value.text not in _IN_MEMORY)
        if not values and string_value(node) in _IN_MEMORY:
            return
        uses = [use for value in values if (use := self._use(value, node)) is not None]
        if not values or len(uses) < len(values):
            self._do_not_know(effect, call)
        if is_folder:
            uses = [replace(use, is_partial=True) for use in uses]
        self.uses[effect if effect in self.uses else "read"] += uses

    def _callback(self, effect: Effect, function: Node, call: Node, *, is_folder: bool) -> None:
        """multer's `destination: (req, file, done) => done(null, "uploads")`"""
        found = False
        for node in walk(function):
            arguments = arguments_of(node) if node.type == "call_expression" else []
            if len(arguments) == 2 and arguments[0].type == "null":
                found = True
                self._path(effect, arguments[1], call, is_folder=is_folder)
        if not found:
            self._do_not_know(effect, call)

    def _do_not_know(self, effect: Effect, node: Node) -> None:
        kind = effect if effect in ("write", "load") else "read"
        self.unknown[kind].append(self._evidence(node))

    def _sqlite_address(self, address: str, node: Node) -> None:
        """`sqlite:data.db`, `sqlite:///data.db`"""
        path = address.removeprefix("sqlite:").removeprefix("//").partition("?")[0]
        if path and path not in _IN_MEMORY:
            use = self._use(PathValue(path, "absolute" if path.startswith("/") else "cwd"), node)
            self.uses["write"] += [use] if use is not None else []

    def _use(self, value: PathValue, node: Node) -> FileUse | None:
        """The use of a value; None where so little of it is known that it may be any path."""
        text = value.text.removeprefix("file:") if value.base == "cwd" else value.text
        if value.is_partial:
            text = text[: text.rfind("/") + 1].rstrip("/") if "/" in text else ""
            if text in ("", ".", "..") and value.base != "absolute":
                return None
        if "*" in text:
            text = posixpath.dirname(text[: text.index("*")] + "x")
        if "://" in text or (value.base == "file" and (text == ".." or text.startswith("../"))):
            return None
        path = posixpath.normpath(text) if text else ""
        is_partial = value.is_partial or "*" in value.text
        return FileUse("" if path == "." else path, self._evidence(node), value.base, is_partial, value.variable)

    def _effect_of_open(self, arguments: list[Node]) -> Effect:
        flags = string_value(arguments[1]) if len(arguments) > 1 else "r"
        return "read" if flags in ("r", "rs") else "write"

    def _program(self, arguments: list[Node], call: Node, effect: str) -> None:
        if arguments and arguments[0].type in ("array", "object"):
            self._program_of_list(pairs_of(arguments[0]).get("cmd", arguments[0]), call)
            return
        said = arguments[0] if arguments else call.child_by_field_name("arguments")  # of a tagged template
        values = self.reader.values(said)
        if not values:
            self.unknown["program"].append(self._evidence(call))
        for value in values:
            words = value.text.split()
            is_cut = value.is_partial and (effect == "program" or (len(words) < 2 and not value.text.endswith(" ")))
            if not words or is_cut:
                self.unknown["program"].append(self._evidence(call))
            elif effect == "shell" and any(sign in value.text for sign in "|;&$`\n>"):
                self.unknown["program"].append(self._evidence(call))
                self.programs.append(ProgramUse(words[0], self._evidence(call)))
            elif effect == "shell":
                given = () if value.is_partial else tuple(words[1:])
                self.programs.append(ProgramUse(words[0], self._evidence(call), given))
            else:
                self.programs.append(ProgramUse(value.text, self._evidence(call), _first_strings(arguments[1:2])))

    def _program_of_list(self, words: Node, call: Node) -> None:
        """Bun's `spawn(["git", "log"])`"""
        found = _first_strings([words])
        if not found or (len(found) < words.named_child_count and found[0] in _SHELLS):
            self.unknown["program"].append(self._evidence(call))
        if found:
            self.programs.append(ProgramUse(found[0], self._evidence(call), found[1:]))

    # --- frameworks ---

    def _framework_call(self, function: Node, arguments: list[Node]) -> None:
        if function.type != "member_expression" or not arguments:
            return
        property_, object_ = function.child_by_field_name("property"), function.child_by_field_name("object")
        name = text_of(property_) if property_ is not None else ""
        if name in ("render", "view") and object_ is not None and text_of(object_).rsplit(".", 1)[-1] in _VIEWS:
            if arguments[0].type in ("string", "template_string", "identifier"):
                self.renders.append(self._evidence(function))
        elif name == "set" and string_value(arguments[0]) == "views" and len(arguments) == 2:
            self._views(arguments[1], function)
        elif name == "listen":
            self._listen(arguments)

    def _views(self, node: Node, call: Node) -> None:
        self.sets_views = True
        items = node.named_children if node.type == "array" else [node]
        for item in items:
            uses = [use for value in self.reader.values(item) if (use := self._use(value, item)) is not None]
            self.view_folders += uses
            if not uses:
                self.unknown["read"].append(self._evidence(call))

    def _listen(self, arguments: list[Node]) -> None:
        first = arguments[0]
        options = pairs_of(first)
        self.ports += port_numbers(options.get("port", first), self.bindings)
        place = options.get("path", first)
        values = [value for value in self.reader.values(place) if is_socket(value)]
        self.uses["write"] += [use for value in values if (use := self._use(value, place)) is not None]

    # --- names ---

    def _member(self, node: Node) -> None:
        text = text_of(node) if node.end_byte - node.start_byte < _STRING_LIMIT else ""
        if text.startswith("process.env.npm_package_"):
            self.reads_package_environment = True
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
            self.unknown[effect].append(self._evidence(node))

    def _subscript(self, node: Node) -> None:
        """`fs[name](…)` may be any function."""
        member = self.bindings.member(node.child_by_field_name("object"))
        if member is not None and member.name is None and is_file_system(member.module):
            for effect in ("read", "write"):
                self.unknown[effect].append(self._evidence(node))

    def look_for_keys(self, nodes: list[Node], modules: set[str]) -> None:
        """Members of objects that are paths by their name."""
        names = key_rules()
        known = {(use.path, use.evidence.line) for uses in self.uses.values() for use in uses}
        for node in nodes:
            if node.type != "object":
                continue
            pairs = pairs_of(node)
            for name in names.keys() & pairs.keys():
                for rule in names[name]:
                    if _applies(node, pairs, rule, modules) and self._key(rule, pairs[name], node, known):
                        break

    def _key(self, rule: KeyRule, value: Node, node: Node, known: Collection[tuple[str, int]]) -> bool:
        """False where the member is no path, or a call above has told what is done with it."""
        is_told = value.id in self.reader.seen
        values = self.reader.values(value)
        if any((found.text, line_of(value)) in known or found.text == "/" for found in values):
            return False
        if rule.effect != "unknown":
            self._path(rule.effect, value, node, is_folder=rule.is_folder)
        elif values and not is_told:
            self.unknown["write"].append(self._evidence(value))
        return True

    def look_for_logs(self) -> None:
        """A log or a database that no call above takes for a path: something may write it."""
        self.unknown["write"] += [self._evidence(node) for node in self.logs if node.id not in self.reader.seen]

    def _evidence(self, node: Node) -> Evidence:
        return Evidence(self.path, line_of(node), snippet_of(node, _STRING_LIMIT))


def _applies(node: Node, pairs: dict[str, Node], rule: KeyRule, modules: set[str]) -> bool:
    """Does the file use a module of the rule, or have the object, or the one around it, a member that it asks for?"""
    if not rule.beside:
        return not rule.modules or not rule.modules.isdisjoint(modules)
    around = node.parent.parent if node.parent is not None else None
    members = {**pairs_of(around), **pairs}
    return any(string_value(members.get(key)) in values for key, values in rule.beside.items())


def _first_strings(lists: Sequence[Node]) -> tuple[str, ...]:
    """The strings that an array literal begins with."""
    found: list[str] = []
    for node in lists:
        for element in node.named_children if node.type == "array" else ():
            text = string_value(element)
            if text is None:
                break
            found.append(text)
    return tuple(found)
