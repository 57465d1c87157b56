"""The project's own modules that a program imports, and the values of expressions across them."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import libcst as cst

from dockerslim.context.build_context import BuildContext
from dockerslim.languages.python import scrapy_settings
from dockerslim.languages.python.import_files import import_root, join, module_files, package_folder
from dockerslim.languages.python.module import (
    Import,
    Module,
    configuration_key,
    keyword_argument,
    literal_text,
    positional_argument,
    read_module,
)
from dockerslim.languages.python.syntax import dotted
from dockerslim.languages.python.values import TEMPORARY, Value, concatenate, join_paths, parent_of

MODULE_LIMIT = 2_000
BYTE_LIMIT = 8_000_000
DEEPEST_EVALUATION = 25

_DJANGO_SETTINGS = "django.conf.settings."
_UNCHANGED = frozenset(
    {
        "os.path.abspath",
        "os.path.realpath",
        "os.path.normpath",
        "os.path.expandvars",
        "os.fspath",
        "str",
        "pathlib.Path",
        "pathlib.PurePath",
        "pathlib.PosixPath",
        "environ.Path",
    }
)
_UNCHANGED_METHODS = frozenset({"resolve", "absolute", "as_posix", "expanduser", "strip", "rstrip", "lstrip"})
_ENVIRONMENT = frozenset({"os.environ.get", "os.getenv", "os.environ.setdefault"})
_SETTING_READERS = frozenset({"config", "env", "env.str", "env.path", "decouple.config", "get_env", "getenv"})
_TEMPORARY = frozenset(
    "io.BytesIO io.StringIO BytesIO StringIO telethon.sessions.MemorySession telethon.sessions.StringSession".split()
)
_DYNAMIC_IMPORTS = frozenset(
    {"importlib.import_module", "__import__", "runpy.run_module", "runpy.run_path", "exec", "eval", "execfile"}
)
_WORKING_FOLDER = frozenset({"os.getcwd", "pathlib.Path.cwd"})


@dataclass(slots=True)
class Program:
    """The modules of the context that a program is made of, read as they are needed, each once."""

    context: BuildContext
    folders: tuple[str, ...]
    modules: dict[str, Module] = field(default_factory=dict)
    unreadable: list[str] = field(default_factory=list)
    size: int = 0
    is_complete: bool = True
    _known: dict[tuple[str, str], Value | None] = field(default_factory=dict)
    """Values of names, by module; each is found once, also to bound the work that names of names make."""

    def load(self, files: Iterable[str]) -> None:
        """Read files, and all of the project's own modules that they lead to."""
        pending = list(files)
        seen = set(pending)
        while pending:
            file = pending.pop(0)
            module = self.read(file)
            if module is None:
                continue
            for found in _neighbours(self, module):
                if found not in seen:
                    seen.add(found)
                    pending.append(found)
        for module in self.modules.values():
            if any(_imports_unknown(self, module, node) for node in module.expressions):
                self.is_complete = False

    def read(self, file: str) -> Module | None:
        if file in self.modules or file in self.unreadable:
            return self.modules.get(file)
        text = self.context.read_text(file)
        if text is None:
            self.unreadable.append(file)
            return None
        if len(self.modules) >= MODULE_LIMIT or self.size + len(text) > BYTE_LIMIT:
            self.is_complete = False
            return None
        self.size += len(text)
        module = read_module(file, text)
        if module is None:
            self.unreadable.append(file)
            return None
        self.modules[file] = module
        return module

    def file(self, value: Value) -> str | None:
        """The context's file that a path names; a relative one is looked for where modules are."""
        if value.is_open or value.base not in ("text", "file"):
            return None
        if value.base == "file" or value.text.startswith("/"):
            candidates = [posixpath.normpath(value.text).lstrip("/")]
        else:
            candidates = [path for folder in self.folders if (path := join(folder, value.text)) is not None]
        return next((path for path in candidates if self.context.is_file(path)), None)

    def search(self, module: Module) -> tuple[str, ...]:
        """Where a module's absolute imports are looked for: as said, and from where its own package is imported."""
        return tuple(dict.fromkeys((*self.folders, import_root(self.context, module.file))))

    def evaluate(self, node: cst.BaseExpression | None, module: Module, depth: int = 0) -> Value | None:
        """The text or path that an expression gives; None where the source doesn't tell."""
        if node is None or depth > DEEPEST_EVALUATION:
            return None
        deeper = depth + 1
        if isinstance(node, cst.SimpleString):
            text = literal_text(node)
            return None if text is None else Value(text)
        if isinstance(node, cst.ConcatenatedString):
            return concatenate(self.evaluate(node.left, module, deeper), self.evaluate(node.right, module, deeper))
        if isinstance(node, cst.FormattedString):
            return self._formatted(node, module, deeper)
        if isinstance(node, (cst.Name, cst.Attribute)):
            return self._named(node, module, deeper)
        if isinstance(node, cst.Subscript):
            return self._subscript(node, module, deeper)
        if isinstance(node, cst.BinaryOperation):
            return self._operation(node, module, deeper)
        if isinstance(node, cst.BooleanOperation) and isinstance(node.operator, cst.Or):
            left = self.evaluate(node.left, module, deeper)
            right = self.evaluate(node.right, module, deeper)
            return left if left is not None or right is None else _as_default(right)
        if isinstance(node, cst.Call):
            return self._call(node, module, deeper)
        return None

    def _formatted(self, node: cst.FormattedString, module: Module, depth: int) -> Value | None:
        value: Value | None = Value("")
        for part in node.parts:
            if isinstance(part, cst.FormattedStringText):
                text = part.value.replace("{{", "{").replace("}}", "}")
                value = concatenate(value, Value(text))
            elif isinstance(part, cst.FormattedStringExpression):
                is_plain = part.format_spec is None and part.conversion is None
                value = concatenate(value, self.evaluate(part.expression, module, depth) if is_plain else None)
        return value

    def _named(self, node: cst.Name | cst.Attribute, module: Module, depth: int) -> Value | None:
        name = dotted(node)
        if name == "__file__":
            return Value(module.file, "file")
        if isinstance(node, cst.Attribute) and node.attr.value == "parent":
            return parent_of(self.evaluate(node.value, module, depth))
        if isinstance(node, cst.Attribute) and node.attr.value in ("name", "file"):
            value = self.evaluate(node.value, module, depth)
            return TEMPORARY if value is TEMPORARY else None
        if name is None:
            return None
        if name.endswith((".instance_path", ".root_path")):
            folder = import_root(self.context, module.file) if name.endswith("e_path") else module.package
            return Value(posixpath.join(folder, "instance") if name.endswith("e_path") else folder, "file")
        full = module.full_name(node) or name
        if full == "os.sep" or full == "os.path.sep":
            return Value("/")
        if full.startswith(_DJANGO_SETTINGS):
            return self._setting(full[len(_DJANGO_SETTINGS) :], depth)
        return self._constant(name, module, depth)

    def _constant(self, name: str, module: Module, depth: int) -> Value | None:
        """The value of a module's constant, in the module itself or where it is imported from."""
        key = (module.file, name)
        if key not in self._known:
            self._known[key] = None  # also what a name gets that leads back to itself
            self._known[key] = self._find_constant(name, module, depth)
        return self._known[key]

    def _find_constant(self, name: str, module: Module, depth: int) -> Value | None:
        root, _, rest = name.partition(".")
        binding = module.bindings.get(root)
        if name in module.assignments:
            return None if binding is not None else self.evaluate(module.value_of(name), module, depth)
        if binding is None or depth > DEEPEST_EVALUATION:
            return None
        parts = [*binding.name.split("."), *(rest.split(".") if rest else ())]
        for count in range(len(parts) - 1, -1, -1):
            files = self.imported(module, ".".join(parts[:count]), binding.level)
            source = self.modules.get(files[-1]) if files else None
            if source is not None and source is not module:
                return self._constant(".".join(parts[count:]), source, depth + 1)
        return None

    def imported(self, module: Module, name: str, level: int) -> tuple[str, ...]:
        """The files of a module that another imports."""
        if not level:
            return module_files(self.context, name, self.search(module)) if name else ()
        folder: str | None = module.package
        for _ in range(level - 1):
            folder = posixpath.dirname(folder) if folder else None
        if folder is None:
            return ()
        if not name:
            own = join(folder, "__init__.py")
            return (own,) if own is not None and self.context.is_file(own) else ()
        return module_files(self.context, name, (folder,))

    def _setting(self, name: str, depth: int) -> Value | None:
        """A Django setting, or a key of a framework's configuration: the one value that the project gives it."""
        key = ("", name)
        if key not in self._known:
            self._known[key] = None
            self._known[key] = self._find_setting(name, depth)
        return self._known[key]

    def _find_setting(self, name: str, depth: int) -> Value | None:
        found: list[Value | None] = []
        for module in self.modules.values():
            for expression in module.configuration.get(name, ()):
                found.append(self.evaluate(expression, module, depth))
            for bound, expressions in module.assignments.items():
                is_class_attribute = bound.endswith("." + name) and not bound.startswith("self.")
                if is_class_attribute or (bound == name and is_settings(module)):
                    found.extend(self.evaluate(expression, module, depth) for expression in expressions)
        distinct = set(found)
        return distinct.pop() if len(distinct) == 1 else None

    def setting(self, name: str) -> Value | None:
        return self._setting(name, 0)

    def _subscript(self, node: cst.Subscript, module: Module, depth: int) -> Value | None:
        key = configuration_key(node)
        if key is not None:
            return self._setting(key, depth)
        if isinstance(node.value, cst.Attribute) and node.value.attr.value == "parents" and len(node.slice) == 1:
            index = node.slice[0].slice
            count = index.value.value if isinstance(index, cst.Index) and isinstance(index.value, cst.Integer) else ""
            if count.isdecimal() and len(count) < 3:
                value = self.evaluate(node.value.value, module, depth)
                for _ in range(int(count) + 1):
                    value = parent_of(value)
                return value
        return None

    def _operation(self, node: cst.BinaryOperation, module: Module, depth: int) -> Value | None:
        left = self.evaluate(node.left, module, depth)
        if isinstance(node.operator, cst.Add):
            return concatenate(left, self.evaluate(node.right, module, depth))
        if isinstance(node.operator, cst.Divide):
            return join_paths(left, self.evaluate(node.right, module, depth))
        if isinstance(node.operator, cst.Modulo) and left is not None:
            return concatenate(Value(left.text.partition("%")[0], left.base), None)
        return None

    def _call(self, node: cst.Call, module: Module, depth: int) -> Value | None:
        name = module.full_name(node.func) or ""
        key = configuration_key(node)
        if key is not None:
            return self._setting(key, depth) or self.evaluate(positional_argument(node, 1), module, depth)
        if name in _TEMPORARY or name.startswith("tempfile."):
            return TEMPORARY
        if name in _WORKING_FOLDER:
            return Value("")
        if name in ("pathlib.Path.home", "os.path.expanduser") and (name.endswith("home") or node.args):
            return self._home(node, module, depth)
        if name in ("os.path.join", "posixpath.join", "werkzeug.utils.safe_join", "flask.safe_join"):
            return self._joined(node.args, module, depth)
        if name in ("os.path.dirname", "posixpath.dirname"):
            return parent_of(self.evaluate(positional_argument(node, 0), module, depth))
        if name in _UNCHANGED:
            return self._joined(node.args, module, depth) if node.args else Value("")
        if name in _ENVIRONMENT or name in _SETTING_READERS:
            default = keyword_argument(node, "default") or positional_argument(node, 1)
            return _as_default(self.evaluate(default, module, depth))
        if isinstance(node.func, cst.Attribute):
            return self._method(node.func, node, module, depth)
        return None

    def _method(self, function: cst.Attribute, node: cst.Call, module: Module, depth: int) -> Value | None:
        name = function.attr.value
        receiver = self.evaluate(function.value, module, depth)
        if receiver is None or receiver is TEMPORARY:
            return receiver
        if name in _UNCHANGED_METHODS:
            return receiver
        if name == "joinpath":
            return join_paths(receiver, self._joined(node.args, module, depth))
        if name == "format":
            return concatenate(Value(receiver.text.partition("{")[0], receiver.base), None)
        if name in ("with_name", "with_suffix", "with_stem"):
            return join_paths(parent_of(receiver), None)
        return None

    def _home(self, node: cst.Call, module: Module, depth: int) -> Value | None:
        if not node.args:
            return Value("", "home")
        value = self.evaluate(node.args[0].value, module, depth)
        if value is not None and value.base == "text" and value.text.startswith("~/"):
            return Value(value.text[2:], "home", is_open=value.is_open, is_default=value.is_default)
        return value

    def _joined(self, arguments: Sequence[cst.Arg], module: Module, depth: int) -> Value | None:
        value: Value | None = None
        for index, argument in enumerate(arguments):
            if argument.keyword is not None:
                continue
            part = None if argument.star else self.evaluate(argument.value, module, depth)
            value = part if index == 0 else join_paths(value, part)
        return value


def is_settings(module: Module) -> bool:
    """Is it a module of Django's settings?"""
    return any(name in module.assignments for name in ("INSTALLED_APPS", "DATABASES", "MEDIA_ROOT", "ROOT_URLCONF"))


def _as_default(value: Value | None) -> Value | None:
    if value is None or value is TEMPORARY:
        return value
    return Value(value.text, value.base, value.scheme, value.is_open, is_default=True)


def _neighbours(program: Program, module: Module) -> Iterator[str]:
    """The project's files that a module imports or names."""
    for imported in module.imports:
        yield from _import_files(program, module, imported)
    folders = program.search(module)
    texts = {literal_text(node) or "" for node in module.expressions if isinstance(node, cst.SimpleString)}
    yield from _named_modules(program, texts, folders)
    if is_settings(module) or scrapy_settings.is_settings(module):
        yield from _application_files(program, texts, folders)
    for node in module.expressions:
        if isinstance(node, cst.Call) and module.full_name(node.func) == scrapy_settings.READER:
            yield from module_files(program.context, scrapy_settings.settings_module(program.context, folders), folders)
        if isinstance(node, cst.Call) and module.full_name(node.func) in _DYNAMIC_IMPORTS:
            target = positional_argument(node, 0)
            yield from module_files(program.context, literal_text(target) or "" if target else "", folders)


def _import_files(program: Program, module: Module, imported: Import) -> Iterator[str]:
    yield from program.imported(module, imported.name, imported.level)
    for member in imported.members:
        if member != "*":
            name = f"{imported.name}.{member}" if imported.name else member
            yield from program.imported(module, name, imported.level)


def _named_modules(program: Program, texts: Iterable[str], folders: Sequence[str]) -> Iterator[str]:
    """Modules that texts name: a URL configuration, a worker's task module, `package.module:application`."""
    for text in sorted(texts):
        name = text.partition(":")[0]
        if "." in name:
            yield from module_files(program.context, name, folders)
            yield from module_files(program.context, name.rpartition(".")[0], folders)


def _application_files(program: Program, texts: Iterable[str], folders: Sequence[str]) -> Iterator[str]:
    """The applications that Django's settings install.

    Django imports much of an application by convention, so all of it is taken, less its tests and migrations.
    """
    names = {name for text in texts for name in (text, text.rpartition(".apps.")[0]) if name}
    packages = {package_folder(program.context, name, folders) for name in names} - {None}
    for folder in sorted(filter(None, packages)):
        for file in program.context.under(folder):
            if file.endswith(".py") and "/tests" not in file and "/test_" not in file and "/migrations/" not in file:
                yield file


def _imports_unknown(program: Program, module: Module, node: cst.CSTNode) -> bool:
    """Does a call import, or run, what the source doesn't name?"""
    if not isinstance(node, cst.Call) or module.full_name(node.func) not in _DYNAMIC_IMPORTS:
        return False
    return not isinstance(positional_argument(node, 0), cst.SimpleString)
