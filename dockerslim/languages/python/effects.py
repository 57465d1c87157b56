"""What the calls and texts of a module read, write and run."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import libcst as cst

from dockerslim.dockerfile.wrapped_program import run_programs
from dockerslim.languages.python.effect_tables import canonical_name, effect_tables
from dockerslim.languages.python.logging_files import all_handler_files, handler_files
from dockerslim.languages.python.module import (
    Module,
    keyword_argument,
    literal_text,
    positional_argument,
)
from dockerslim.languages.python.optional_writes import argument_at, optional_writes
from dockerslim.languages.python.program import Program
from dockerslim.languages.python.runtime_installs import installs
from dockerslim.languages.python.syntax import children, dotted
from dockerslim.languages.python.values import Value, database_path, is_database

Kind = Literal["read", "write", "program", "home", "library", "install", "root"]

_MODE = re.compile(r"[rwaxbtU+]{1,4}(?::\w+|\|\w*)?")
_PATHS = ("file", "path", "filename", "fp", "store")
_WRITING = frozenset("wax+")
_SHELL_SEPARATOR = re.compile(r"\|\||&&|[|;&\n]")
_MOST_WORDS = 20
"""Words of a list that are looked at for the program behind others."""
_FILE_CACHES = ("FileBasedCache", "FileSystemCache")


@dataclass(frozen=True, slots=True)
class Effect:
    """One thing that the program does outside itself; `value` is None where the source doesn't tell what to."""

    kind: Kind
    value: Value | None
    node: cst.CSTNode


def effects(program: Program, module: Module) -> Iterator[Effect]:
    """What a module's code does, in the order of the source."""
    for decorator in module.decorators:
        if module.full_name(decorator) in effect_tables().compilers:
            yield Effect("program", Value(effect_tables().compiler), decorator)
    handled: set[int] = set()
    for node in module.expressions:
        if isinstance(node, cst.Call):
            yield from _call(program, module, node)
        elif isinstance(node, cst.Dict):
            yield from _dictionary(program, module, node)
        if id(node) in handled or not _begins_database(program, node, module):
            continue
        value = program.evaluate(node, module)
        handled.update(_expressions_below(node))
        path = database_path(value) if value is not None else None
        if path is not None:
            yield Effect("write", path, node)
        elif value is None or value.is_open:
            yield Effect("write", None, node)


def _call(program: Program, module: Module, node: cst.Call) -> Iterator[Effect]:
    name = canonical_name(module.full_name(node.func) or "")
    table = effect_tables()
    if name in table.logging:
        yield from _configure_logging(program, module, node, table.logging[name])
    if installs(module, node):
        yield Effect("install", None, node)
    if name in table.root or (name == "socket.socket" and _is_raw(module, node)):
        yield Effect("root", None, node)
    if name in table.compilers:
        yield Effect("program", Value(table.compiler), node)
    if name in table.downloads:
        yield from _download(program, module, node, table.downloads[name])
    for value, is_folder in optional_writes(program, module, node, name):
        effect = Effect("write", value, node)
        yield _of_folder(effect) if is_folder else effect
    yield from _folders(program, module, node, table.written_folders)
    if name in table.open_functions:
        yield from _open(program, module, node, positional_argument(node, 0) or keyword_argument(node, *_PATHS))
    elif (name in table.write or name in table.write_defaults) and argument_at(node, table.write.get(name, ())) is None:
        yield from (Effect("write", Value(path), node) for path in table.write_defaults.get(name, ()))
    elif name in table.write_where_named:
        yield from _where_named(program, module, node, table.write_where_named[name])
    elif name in table.write:
        for effect in _at(program, module, node, table.write[name], "write"):
            is_folder = name in table.write_folders or (name in ("os.makedirs", "os.mkdir") and _may_exist(node))
            yield _of_folder(effect) if is_folder else effect
    elif name in table.read:
        yield from _at(program, module, node, table.read[name], "read")
    elif name in table.library:
        yield from _load(program, module, node, table.library[name])
    elif name in table.program:
        yield from _run(program, module, node, table.program[name])
    elif name in table.home:
        yield from _home(program, module, node)
    elif isinstance(node.func, cst.Attribute):
        yield from _method(program, module, node, node.func)


def _is_raw(module: Module, node: cst.Call) -> bool:
    sockets = effect_tables().root_sockets
    return any(module.full_name(argument.value) in sockets for argument in node.args)


def _method(program: Program, module: Module, node: cst.Call, function: cst.Attribute) -> Iterator[Effect]:
    name = function.attr.value
    table = effect_tables()
    if name == "open":
        mode = positional_argument(node, 0) or keyword_argument(node, "mode")
        text = literal_text(mode) if mode is not None else "r"
        if text is not None and _MODE.fullmatch(text):
            yield from _opened(program.evaluate(function.value, module), text, node)
    elif name in table.write_receivers:
        receiver = program.evaluate(function.value, module)
        if receiver is not None or not _is_another_objects(name, node):
            effect = Effect("write", receiver, node)
            yield _of_folder(effect) if name == "mkdir" and _may_exist(node) else effect
    elif name in table.ambiguous_receivers:
        receiver = program.evaluate(function.value, module)
        if receiver is not None and (receiver.base != "text" or name != "replace"):
            yield Effect("write", receiver, node)
    elif name in table.read_receivers:
        receiver = program.evaluate(function.value, module)
        if receiver is not None:
            yield Effect("read", receiver, node)
    elif name in table.write_methods:
        if not (dotted(function.value) or "").endswith("storage"):  # Django's, which writes below MEDIA_ROOT
            if name == "extractall" and not node.args:
                yield Effect("write", Value("./"), node)
            yield from _at(program, module, node, table.write_methods[name], "write")
    elif name in table.write_methods_where_named:
        yield from _where_named(program, module, node, table.write_methods_where_named[name])
    elif name in table.home_methods:
        yield from _home(program, module, node)
    elif name in table.library_methods:
        yield from _load(program, module, node, table.library_methods[name])


def _may_exist(node: cst.Call) -> bool:
    """Is a folder made only where it isn't there yet?"""
    allowed = keyword_argument(node, "exist_ok")
    return isinstance(allowed, cst.Name) and allowed.value == "True"


def _of_folder(effect: Effect) -> Effect:
    """The same effect on a folder, which somebody else may have made."""
    value = effect.value
    if value is None or value.is_open or not value.text:
        return effect
    return replace(effect, value=replace(value, text=value.text.rstrip("/") + "/"))


def _is_another_objects(name: str, node: cst.Call) -> bool:
    """Is a method that paths have called as theirs never is: `sftp.mkdir("x")`, `cache.touch(key)`?"""
    if name in ("write_text", "write_bytes"):
        return False
    first = positional_argument(node, 0)
    return first is not None and not isinstance(first, cst.Integer)


def _at(program: Program, module: Module, node: cst.Call, places: Sequence[int | str], kind: Kind) -> Iterator[Effect]:
    """The effect on what stands at one of these places of a call; none where nothing stands there."""
    argument = argument_at(node, places)
    if argument is None:
        return
    if isinstance(argument, cst.Name) and argument.value in ("None", "False"):
        return
    value = program.evaluate(argument, module)
    if value is None and isinstance(argument, cst.Attribute) and argument.attr.value in ("stdout", "stderr"):
        return
    if kind == "read" and value is None:
        return
    yield Effect(kind, value, node)


def _where_named(program: Program, module: Module, node: cst.Call, places: Sequence[int | str]) -> Iterator[Effect]:
    """The effect of a call that may write into an open file as well."""
    yield from (effect for effect in _at(program, module, node, places, "write") if effect.value is not None)


def _folders(program: Program, module: Module, node: cst.Call, keywords: Sequence[str]) -> Iterator[Effect]:
    """Folders that a call is told to write into by one of these keywords."""
    for keyword in keywords:
        argument = keyword_argument(node, keyword)
        value = program.evaluate(argument, module) if argument is not None else None
        if value is not None:
            yield _of_folder(Effect("write", value, node))


def _home(program: Program, module: Module, node: cst.Call) -> Iterator[Effect]:
    """Data below the home folder, unless the call names another."""
    named = list(_folders(program, module, node, effect_tables().home_folders))
    yield from named or (Effect("home", None, node),)


def _download(program: Program, module: Module, node: cst.Call, places: Sequence[int | str]) -> Iterator[Effect]:
    """A file that is fetched where it isn't there."""
    for effect in _where_named(program, module, node, places):
        if effect.value is not None and program.file(effect.value) is None:
            yield effect


def _open(program: Program, module: Module, node: cst.Call, target: cst.BaseExpression | None) -> Iterator[Effect]:
    mode = positional_argument(node, 1) or keyword_argument(node, "mode")
    name = canonical_name(module.full_name(node.func) or "")
    value = program.evaluate(target, module)
    if mode is None:
        text = "w" if name in effect_tables().write_by_default else "r"
        yield from _opened(value, text, node)
        return
    known = program.evaluate(mode, module)
    yield from _opened(value, known.text if known is not None and not known.is_open else "w", node)


def _opened(value: Value | None, mode: str, node: cst.Call) -> Iterator[Effect]:
    if _WRITING & set(mode):
        yield Effect("write", value, node)
    elif value is not None:
        yield Effect("read", value, node)


def _configure_logging(
    program: Program, module: Module, node: cst.Call, places: Sequence[int | str]
) -> Iterator[Effect]:
    """The log files of a configuration that lies in a file; one that is a dictionary here is read as such."""
    argument = argument_at(node, places)
    if isinstance(argument, cst.Name):
        argument = module.value_of(argument.value) or argument
    if argument is None or isinstance(argument, cst.Dict) or _is_none(argument):
        return
    value = program.evaluate(argument, module)
    path = program.file(value) if value is not None else None
    files = handler_files(program.context, path) if path is not None else all_handler_files(program.context)
    for text in files:
        yield Effect("write", Value(text) if text is not None else None, node)


def _load(program: Program, module: Module, node: cst.Call, places: Sequence[int | str]) -> Iterator[Effect]:
    """A shared library; what `find_library` gives is that call's own."""
    argument = argument_at(node, places)
    if isinstance(argument, cst.Name):
        argument = module.value_of(argument.value) or argument
    if argument is None or _is_none(argument):
        return
    if isinstance(argument, cst.Call) and (module.full_name(argument.func) or "").endswith("find_library"):
        return
    yield Effect("library", program.evaluate(argument, module), node)


def _is_none(node: cst.BaseExpression) -> bool:
    return isinstance(node, cst.Name) and node.value == "None"


def _run(program: Program, module: Module, node: cst.Call, places: Sequence[int | str]) -> Iterator[Effect]:
    argument = argument_at(node, places)
    if argument is None:
        return
    argument = _first_of_sum(argument)
    is_list = isinstance(argument, (cst.List, cst.Tuple))
    if isinstance(argument, cst.Name):
        value_of_name = module.value_of(argument.value)
        bound = _first_of_sum(value_of_name) if value_of_name is not None else None
        if isinstance(bound, (cst.List, cst.Tuple)):
            argument, is_list = bound, True
    if isinstance(argument, (cst.List, cst.Tuple)):
        if not argument.elements:
            return
        words = [program.evaluate(element.value, module) for element in argument.elements[:_MOST_WORDS]]
        given = [None if word is None or word.is_open else word.text for word in words]
        started = run_programs(given)
        if given[0] is not None and started != (given[0],):
            for name in started:
                yield Effect("program", Value(name) if name is not None else None, node)
            return
        argument = argument.elements[0].value
    if module.full_name(argument) == "sys.executable":
        yield Effect("program", Value("python"), node)
        return
    value = program.evaluate(argument, module)
    if value is None or (value.is_open and " " not in value.text):
        yield Effect("program", None, node)
    elif is_list:
        yield Effect("program", Value(value.text), node)
    else:
        for name in _programs(value.text):
            yield Effect("program", Value(name), node)


def _first_of_sum(node: cst.BaseExpression) -> cst.BaseExpression:
    """`["dot"]` of `["dot"] + arguments`; other expressions as they are."""
    first = node
    for _ in range(100):
        if not isinstance(first, cst.BinaryOperation) or not isinstance(first.operator, cst.Add):
            break
        first = first.left
    return first if isinstance(first, (cst.List, cst.Tuple)) else node


def _programs(script: str) -> Iterator[str]:
    """The first word of each command of a line of shell."""
    for command in _SHELL_SEPARATOR.split(script):
        try:
            words = shlex.split(command)
        except ValueError:
            words = command.split()
        first = next((index for index, word in enumerate(words) if "=" not in word), len(words))
        yield from (name for name in run_programs(words[first:]) if name)


def _dictionary(program: Program, module: Module, node: cst.Dict) -> Iterator[Effect]:
    """Settings that name a file: a database, a log handler, a cache."""
    fields: dict[str, cst.BaseExpression] = {}
    for element in node.elements:
        if isinstance(element, cst.DictElement):
            key = literal_text(element.key)
            if key is not None:
                fields[key] = element.value
    for kind_key, path_key, endings in (
        ("ENGINE", "NAME", ("sqlite3", "spatialite")),
        ("class", "filename", ("FileHandler",)),
        ("BACKEND", "LOCATION", _FILE_CACHES),
        ("CACHE_TYPE", "CACHE_DIR", ("filesystem", *_FILE_CACHES)),
    ):
        if kind_key in fields and path_key in fields:
            kind = program.evaluate(fields[kind_key], module)
            if kind is not None and kind.text.endswith(endings):
                yield Effect("write", program.evaluate(fields[path_key], module), node)

    table = effect_tables()
    for key in (*table.written_keys, *table.written_keys_where_named):
        if key in fields and not _is_none(fields[key]):
            value = program.evaluate(fields[key], module)
            if value is not None or key in table.written_keys:
                yield Effect("write", value, node)
    for key, paths in table.written_switches.items():
        if key in fields and not _is_false(fields[key]):
            yield from (Effect("write", Value(path), node) for path in paths)


def _is_false(node: cst.BaseExpression) -> bool:
    return isinstance(node, cst.Name) and node.value == "False"


def _begins_database(program: Program, node: cst.CSTNode, module: Module) -> bool:
    """Does an expression begin with the address of an SQLite database, as far as its first literal tells?"""
    if isinstance(node, cst.Call):
        if isinstance(node.func, cst.Attribute) and node.func.attr.value == "format":
            return _begins_database(program, node.func.value, module)
        name = module.full_name(node.func) or ""
        if not name.endswith(("environ.get", "getenv", "config")) and not name.startswith("env"):
            return False
        default = keyword_argument(node, "default") or positional_argument(node, 1)
        return default is not None and _begins_database(program, default, module)
    for _ in range(100):
        if isinstance(node, (cst.BinaryOperation, cst.ConcatenatedString)):
            node = node.left
        elif isinstance(node, cst.Call) and isinstance(node.func, cst.Attribute):
            node = node.func.value
        else:
            break
    if isinstance(node, cst.SimpleString):
        return is_database(literal_text(node) or "")
    if isinstance(node, cst.FormattedString) and node.parts:
        first = node.parts[0]
        return isinstance(first, cst.FormattedStringText) and is_database(first.value)
    return False


def _expressions_below(node: cst.CSTNode) -> Iterator[int]:
    pending = list(children(node))
    while pending:
        part = pending.pop()
        if isinstance(part, (cst.Call, cst.BaseString, cst.BinaryOperation)):
            yield id(part)
        pending.extend(children(part))
