"""Read requirements files as pip does: with the files they include and the paths they name.

Reading never runs anything and never leaves the context; what isn't understood is kept as evidence.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from dockerslim.context.build_context import BuildContext
from dockerslim.languages.evidence import Evidence, PathUse

if TYPE_CHECKING:
    from packaging.markers import Marker

FILE_LIMIT = 100
"""Requirements files that one may include; pip has no limit, a person has."""
LINE_LIMIT = 50_000
TEXT_LENGTH = 120

_COMMENT = re.compile(r"(?:^|\s)#.*")
_VARIABLE = re.compile(r"\$\{[A-Z0-9_]+\}")
_OPTION = re.compile(r"(?P<name>--?[A-Za-z][A-Za-z0-9-]*)(?:[ \t]*=[ \t]*|[ \t]+)?(?P<value>.*)")
_ATTACHED_SHORT_OPTION = re.compile(r"(?P<name>-[rcefi])(?P<value>[^-\s=].*)")
_PER_REQUIREMENT_OPTION = re.compile(r"\s--?[A-Za-z]")
_NAMED_URL = re.compile(r"(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[[^\]]*\]\s*)?@\s*(?P<url>[^\s;]+)")
_VCS = re.compile(r"(?:git|hg|svn|bzr)\+[a-z+]*:|git@", re.IGNORECASE)
_REMOTE = re.compile(r"(?:https?|ftp)://", re.IGNORECASE)
_EGG = re.compile(r"[#&]egg=(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)")
_WHEEL = re.compile(r"(?P<name>[A-Za-z0-9][A-Za-z0-9._]*)-[^/]+\.whl(?:$|[#?])")
_ARCHIVES = (".whl", ".zip", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz")

_LINUX_PYTHONS = tuple(f"3.{minor}" for minor in range(7, 16))
_LINUX_MACHINES = ("x86_64", "aarch64")


@dataclass(frozen=True, slots=True)
class Requirement:
    """One distribution that a requirements file asks for."""

    name: str
    """Normalized: lower case, words joined by `-`."""
    specifier: str
    extras: tuple[str, ...]
    evidence: Evidence
    is_hashed: bool = False

    def __str__(self) -> str:
        return f"{self.name}[{','.join(self.extras)}]" if self.extras else self.name


@dataclass(frozen=True, slots=True)
class Requirements:
    """What a requirements file and all the files that it includes say."""

    files: tuple[str, ...] = ()
    """Each file that pip opens, relative to the context's root, the first one first."""
    missing: tuple[Evidence, ...] = ()
    """Includes that the context does not hold."""
    entries: tuple[Requirement, ...] = ()
    """The distributions for Linux; a constraint is no entry."""
    local_paths: tuple[PathUse, ...] = ()
    """Projects, archives and `--find-links` folders, as written."""
    editable: tuple[Evidence, ...] = ()
    vcs: tuple[Evidence, ...] = ()
    urls: tuple[Evidence, ...] = ()
    """Archives and included files that come from the network by address."""
    index_urls: tuple[Evidence, ...] = ()
    """`--index-url`, `--extra-index-url` and remote `--find-links`."""
    variables: tuple[Evidence, ...] = ()
    """Lines with `${NAME}`, which pip takes from the environment."""
    unreadable: tuple[Evidence, ...] = ()
    is_compiled: bool = False
    """Made by a resolver: the indirect dependencies are among the entries."""

    @property
    def is_self_contained(self) -> bool:
        """Do `files` hold all that pip reads from the context?"""
        return not (self.missing or self.local_paths or self.unreadable or self.editable)


def read_requirements(context: BuildContext, path: str) -> Requirements:
    """Read a requirements file, relative to the context's root, and what it includes."""
    collector = _Collector(context)
    collector.include(path, Evidence(path), is_constraint=False)
    while collector.pending and len(collector.seen) <= FILE_LIMIT:
        file, is_constraint = collector.pending.pop(0)
        collector.read(file, is_constraint)
    return collector.result()


def for_linux(marker: Marker | None) -> bool:
    """May an environment marker be true on Linux, under some Python 3? What can't be told may be."""
    if marker is None:
        return True
    from packaging.markers import UndefinedComparison, UndefinedEnvironmentName

    try:
        return any(
            marker.evaluate(_linux_environment(python, machine))
            for python in _LINUX_PYTHONS
            for machine in _LINUX_MACHINES
        )
    except (UndefinedComparison, UndefinedEnvironmentName, ValueError, KeyError, RecursionError):
        return True


def _linux_environment(python: str, machine: str) -> dict[str, str]:
    return {
        "os_name": "posix",
        "sys_platform": "linux",
        "platform_system": "Linux",
        "platform_machine": machine,
        "platform_python_implementation": "CPython",
        "implementation_name": "cpython",
        "python_version": python,
        "python_full_version": f"{python}.0",
        "implementation_version": f"{python}.0",
    }


@dataclass(frozen=True, slots=True)
class _Line:
    text: str
    evidence: Evidence


@dataclass(slots=True)
class _Collector:
    context: BuildContext
    seen: dict[str, None] = field(default_factory=dict)
    pending: list[tuple[str, bool]] = field(default_factory=list)
    missing: list[Evidence] = field(default_factory=list)
    entries: list[Requirement] = field(default_factory=list)
    local_paths: list[PathUse] = field(default_factory=list)
    editable: list[Evidence] = field(default_factory=list)
    vcs: list[Evidence] = field(default_factory=list)
    urls: list[Evidence] = field(default_factory=list)
    index_urls: list[Evidence] = field(default_factory=list)
    variables: list[Evidence] = field(default_factory=list)
    unreadable: list[Evidence] = field(default_factory=list)
    is_compiled: bool = False

    def include(self, path: str, evidence: Evidence, is_constraint: bool) -> None:
        name = posixpath.normpath(path)
        if name in self.seen:
            return
        if name.startswith(("/", "../")) or not self.context.is_file(name) or len(self.seen) >= FILE_LIMIT:
            self.missing.append(evidence)
            return
        self.seen[name] = None
        self.pending.append((name, is_constraint))

    def read(self, file: str, is_constraint: bool) -> None:
        text = self.context.read_text(file)
        if text is None:
            self.unreadable.append(Evidence(file))
            return
        if _is_compiled(text):
            self.is_compiled = True
        for line in _logical_lines(file, text):
            if _VARIABLE.search(line.text):
                self.variables.append(line.evidence)
            if line.text.startswith("-"):
                self._option(file, line)
            elif not is_constraint:
                self._requirement(line)

    def _option(self, file: str, line: _Line) -> None:
        match = _ATTACHED_SHORT_OPTION.fullmatch(line.text) or _OPTION.fullmatch(line.text)
        if match is None:
            self.unreadable.append(line.evidence)
            return
        name, value = match["name"], match["value"].strip().strip("'\"")
        if name in ("-r", "--requirement", "--requirements", "-c", "--constraint"):
            self._include(file, value, line.evidence, is_constraint=name in ("-c", "--constraint"))
        elif name in ("-e", "--editable"):
            self._editable(value, line.evidence)
        elif name in ("-i", "--index-url", "--extra-index-url"):
            self.index_urls.append(line.evidence)
        elif name in ("-f", "--find-links"):
            if _REMOTE.match(value):
                self.index_urls.append(line.evidence)
            else:
                self.local_paths.append(PathUse(value, line.evidence))

    def _include(self, file: str, value: str, evidence: Evidence, is_constraint: bool) -> None:
        if _REMOTE.match(value):
            self.urls.append(evidence)
        elif not value or _VARIABLE.search(value):
            self.missing.append(evidence)
        else:
            self.include(posixpath.join(posixpath.dirname(file), value), evidence, is_constraint)

    def _editable(self, value: str, evidence: Evidence) -> None:
        self.editable.append(evidence)
        if _VCS.match(value):
            self._from_vcs(value, evidence)
        else:
            self.local_paths.append(PathUse(_without_extras(value), evidence))

    def _requirement(self, line: _Line) -> None:
        text, evidence = line.text, line.evidence
        options = _PER_REQUIREMENT_OPTION.search(text)
        is_hashed = options is not None and "--hash" in text[options.start() :]
        text = text[: options.start()].strip() if options else text
        named = _NAMED_URL.match(text)
        address = named["url"] if named else text
        name = named["name"] if named else None
        if _VCS.match(address):
            self._from_vcs(address, evidence, name)
        elif _REMOTE.match(address):
            self.urls.append(evidence)
            self._named(name or _name_of(address) or _repository_name(address), evidence)
        elif named or _is_local(text):
            path = address.partition(";")[0].strip()
            self.local_paths.append(PathUse(path, evidence))
            self._named(name or _name_of(path), evidence)
        else:
            self._distribution(text, evidence, is_hashed)

    def _from_vcs(self, address: str, evidence: Evidence, name: str | None = None) -> None:
        self.vcs.append(evidence)
        self._named(name or _name_of(address) or _repository_name(address), evidence)

    def _named(self, name: str | None, evidence: Evidence) -> None:
        from packaging.utils import canonicalize_name

        if name is not None:
            self.entries.append(Requirement(canonicalize_name(name), "", (), evidence))

    def _distribution(self, text: str, evidence: Evidence, is_hashed: bool) -> None:
        from packaging.requirements import InvalidRequirement
        from packaging.requirements import Requirement as Parsed
        from packaging.utils import canonicalize_name

        try:
            parsed = Parsed(text)
        except (InvalidRequirement, RecursionError):
            self.unreadable.append(evidence)
            return
        if for_linux(parsed.marker):
            name = canonicalize_name(parsed.name)
            extras = tuple(sorted(canonicalize_name(extra) for extra in parsed.extras))
            self.entries.append(Requirement(name, str(parsed.specifier), extras, evidence, is_hashed))

    def result(self) -> Requirements:
        every_hash = bool(self.entries) and all(entry.is_hashed for entry in self.entries)
        return Requirements(
            files=tuple(self.seen),
            missing=tuple(self.missing),
            entries=tuple(self.entries),
            local_paths=tuple(self.local_paths),
            editable=tuple(self.editable),
            vcs=tuple(self.vcs),
            urls=tuple(self.urls),
            index_urls=tuple(self.index_urls),
            variables=tuple(self.variables),
            unreadable=tuple(self.unreadable),
            # pip refuses an unlisted dependency where hashes are given, so a list of hashes is whole.
            is_compiled=self.is_compiled or every_hash,
        )


def _logical_lines(file: str, text: str) -> Iterator[_Line]:
    """Lines with continuations joined, without comments and blanks; numbered by the first physical line.

    As in pip, a comment line ends a continuation and stands for nothing.
    """
    parts: list[str] = []
    first = 0
    lines = text.splitlines()[:LINE_LIMIT]
    for number, physical in enumerate(lines, 1):
        is_comment = physical.lstrip().startswith("#")
        if not parts:
            first = number
        if physical.endswith("\\") and not is_comment:
            parts.append(physical[:-1])
            continue
        parts.append("" if is_comment else physical)
        yield from _line(file, first, "".join(parts))
        parts.clear()
    if parts:
        yield from _line(file, first, "".join(parts))


def _line(file: str, number: int, text: str) -> Iterator[_Line]:
    stripped = _COMMENT.sub("", text).strip()
    if stripped:
        yield _Line(stripped, Evidence(file, number, stripped[:TEXT_LENGTH]))


def _is_compiled(text: str) -> bool:
    """Is this what pip-compile or `uv pip compile` or an export wrote?"""
    head = text[:1000].lower()
    return "autogenerated by pip-compile" in head or "autogenerated by uv" in head or "\n    # via " in text


def _without_extras(path: str) -> str:
    return path[: path.rfind("[")] if path.endswith("]") and "[" in path else path


def _is_local(text: str) -> bool:
    path = text.partition(";")[0].strip()
    return (
        path.startswith((".", "/", "~", "file:"))
        or ("/" in path and "@" not in path)
        or path.lower().endswith(_ARCHIVES)
    )


def _name_of(address: str) -> str | None:
    egg = _EGG.search(address)
    if egg is not None:
        return egg["name"]
    wheel = _WHEEL.match(address.rsplit("/", 1)[-1])
    return wheel["name"] if wheel is not None else None


def _repository_name(address: str) -> str | None:
    """The last part of an address that names no distribution: mostly its name, and else one that nobody knows."""
    path = re.split(r"[?#;]", address, maxsplit=1)[0].partition("@" if address.count("@") == 1 else "\0")[0]
    name = path.rstrip("/").rpartition("/")[2].removesuffix(".git")
    return name if re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", name) else None
