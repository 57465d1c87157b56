"""From an expression to the strings that it can be: names, constants, defaults of flags, and callers."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable
from dataclasses import dataclass, field

from dockerslim.languages.go.source import SourceTree
from dockerslim.languages.go.syntax import Call, Scope, Syntax
from dockerslim.languages.go.values import NOT_KNOWN, Choice, Joined, Member, Name, Resolved, Text, Unknown, Value

_STEP_LIMIT = 30
"""How far names are followed."""
_CALLER_LIMIT = 2
"""How many calls up a parameter is followed."""
_WORK_LIMIT = 2_000
"""How many expressions are looked at for one answer: names that use names twice grow without end."""
_TOTAL_LIMIT = 300_000
"""The same for a whole program."""
_OPTION_LIMIT = 24
"""A value with more strings than these is as good as unknown."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where an expression stands: a file, and a function in it (0: none)."""

    file: str
    scope: int


@dataclass(slots=True)
class Resolver:
    """Resolves the expressions of one program. `files` are those that it is built from."""

    tree: SourceTree
    files: tuple[str, ...]
    _active: set[tuple[Place, str]] = field(default_factory=set)
    _mentions: dict[str, tuple[str, ...]] = field(default_factory=dict)
    _answers: dict[tuple[Place, str, int], Resolved] = field(default_factory=dict)
    _calls: dict[str, dict[str, list[Call]]] = field(default_factory=dict)
    _work: int = 0
    _total: int = 0

    def resolve(self, value: Value, place: Place, steps: int = 0, callers: int = 0) -> Resolved:
        """The strings that an expression at a place can be."""
        self._work = self._work + 1 if steps else 0
        self._total += 1
        if steps > _STEP_LIMIT or self._work > _WORK_LIMIT or self._total > _TOTAL_LIMIT:
            return NOT_KNOWN
        match value:
            case Text(text):
                return Resolved((text,))
            case Joined(parts, separator):
                return _joined([self.resolve(part, place, steps + 1, callers) for part in parts], separator)
            case Choice(options):
                found = Resolved()
                for option in options:
                    found |= self.resolve(option, place, steps + 1, callers)
                return found if len(found.texts) + len(found.below) <= _OPTION_LIMIT else NOT_KNOWN
            case Name(name):
                return self._once(place, name, callers, lambda: self._name(name, place, steps + 1, callers))
            case Member(operand, name):
                return self._once(
                    place,
                    f"{operand}.{name}",
                    callers,
                    lambda: self._member(operand, name, place, steps + 1, callers),
                )
            case Unknown():
                return NOT_KNOWN

    def _once(self, place: Place, name: str, callers: int, look: Callable[[], Resolved]) -> Resolved:
        key = (place, name, callers)
        if key in self._answers:
            return self._answers[key]
        # `path = path + "/x"` means something else on each round.
        if (place, name) in self._active:
            return NOT_KNOWN
        self._active.add((place, name))
        try:
            found = look()
        finally:
            self._active.discard((place, name))
        if not self._active:
            # Inside another look-up it may be cut short.
            self._answers[key] = found
        return found

    def _name(self, name: str, place: Place, steps: int, callers: int) -> Resolved:
        syntax = self.tree.syntax(place.file)
        if syntax is None:
            return NOT_KNOWN
        scope = syntax.scopes[place.scope]
        if place.scope and scope.declares(name):
            found = self._all_of(scope.variables.get(name, ()), place, steps, callers)
            if name in scope.parameters:
                found |= self._argument(syntax, scope, scope.parameters[name], place.file, steps, callers)
            return NOT_KNOWN if found.is_nothing else found
        return self._package_name(posixpath.dirname(place.file), name, steps, callers)

    def _package_name(self, folder: str, name: str, steps: int, callers: int) -> Resolved:
        found = Resolved()
        for file in self._mentioning(name):
            if posixpath.dirname(file) == folder and (syntax := self.tree.syntax(file)) is not None:
                found |= self._all_of(syntax.scopes[0].variables.get(name, ()), Place(file, 0), steps, callers)
        return NOT_KNOWN if found.is_nothing else found

    def _member(self, operand: str, name: str, place: Place, steps: int, callers: int) -> Resolved:
        syntax = self.tree.syntax(place.file)
        if syntax is None:
            return NOT_KNOWN
        package = package_of(syntax, operand, place.scope)
        if package == "os" and name == "DevNull":
            return Resolved(("/dev/null",))
        if package is not None:
            folder = self.tree.folder_of(package)
            return NOT_KNOWN if folder is None else self._package_name(folder, name, steps, callers)
        # A field: what the source puts there is worth knowing, but a file or the environment may set it as well.
        found = NOT_KNOWN
        for file in self._mentioning(name):
            other = self.tree.syntax(file)
            for value in other.fields.get(name, ()) if other is not None else ():
                if isinstance(value, Text):
                    found |= Resolved((value.text,))
        return found if len(found.texts) + len(found.below) <= _OPTION_LIMIT else NOT_KNOWN

    def _argument(self, syntax: Syntax, scope: Scope, index: int, file: str, steps: int, callers: int) -> Resolved:
        """What the callers of a function give for a parameter."""
        if callers >= _CALLER_LIMIT or not scope.name:
            return NOT_KNOWN
        folder = posixpath.dirname(file)
        own = self.tree.import_path_of(folder)
        found = Resolved()
        for other in self._mentioning(scope.name):
            calling = self.tree.syntax(other)
            if calling is None:
                continue
            for call in self._calls_of(other, scope.name):
                if scope.is_method:
                    fits = call.operand is not None and package_of(calling, call.operand, call.scope) is None
                elif call.operand is None:
                    fits = posixpath.dirname(other) == folder
                else:
                    fits = own is not None and package_of(calling, call.operand, call.scope) == own
                if not fits:
                    continue
                if index >= len(call.arguments):
                    return NOT_KNOWN
                found |= self.resolve(call.arguments[index], Place(other, call.scope), steps, callers + 1)
        return NOT_KNOWN if found.is_nothing else found

    def _all_of(self, values: tuple[Value, ...], place: Place, steps: int, callers: int) -> Resolved:
        return self.resolve(Choice(values), place, steps, callers)

    def _calls_of(self, file: str, name: str) -> list[Call]:
        if file not in self._calls:
            calls = self._calls[file] = {}
            syntax = self.tree.syntax(file)
            for call in syntax.calls if syntax is not None else ():
                calls.setdefault(call.name, []).append(call)
        return self._calls[file].get(name, [])

    def _mentioning(self, name: str) -> tuple[str, ...]:
        """The files of the program that have this word."""
        if name not in self._mentions:
            word = re.compile(rf"\b{re.escape(name)}\b")
            texts = ((file, self.tree.context.read_text(file) or "") for file in self.files)
            self._mentions[name] = tuple(file for file, text in texts if name in text and word.search(text))
        return self._mentions[name]


def package_of(syntax: Syntax, operand: str | None, scope: int) -> str | None:
    """The import path that stands before a dot; None where it is a variable or more than a name."""
    if not operand or (scope and syntax.scopes[scope].declares(operand)):
        return None
    return syntax.header.import_of(operand)


def _joined(parts: list[Resolved], separator: str) -> Resolved:
    """The parts one after the other; behind a part that isn't known the folder before it may still be."""
    starts = [""]
    below: list[str] = []
    unknown = False
    for part in parts:
        below += [_put_together(start, folder, separator) for start in starts for folder in part.below]
        if part.unknown:
            folders = [_folder_of_start(start, separator) for start in starts]
            below += filter(None, folders)
            unknown = unknown or not all(folders)
        # What follows may lead out of a folder again.
        unknown = unknown or (bool(below) and any(".." in text for text in part.texts))
        starts = [_put_together(start, text, separator) for start in starts for text in part.texts]
        if len(starts) + len(below) > _OPTION_LIMIT:
            return NOT_KNOWN
    texts = (posixpath.normpath(start) if separator and start else start for start in starts)
    return Resolved(tuple(dict.fromkeys(texts)), unknown, tuple(dict.fromkeys(below)))


def _put_together(start: str, text: str, separator: str) -> str:
    return start + separator + text.lstrip("/") if separator and start and text else start + text


def _folder_of_start(start: str, separator: str) -> str:
    """The folder that a path is in when it starts so, empty where that says nothing."""
    folder = posixpath.dirname(start) if not separator else start
    return "" if posixpath.normpath(folder or ".") in (".", "/", "..") else folder.rstrip("/") + "/"
