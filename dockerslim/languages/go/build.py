"""Which files `go build` and `go install` write."""

from __future__ import annotations

import fnmatch
import posixpath
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from dockerslim.languages.go.project import GoProject

_SWITCHES = frozenset(
    {
        "a", "asan", "buildvcs", "cover", "i", "json", "linkshared", "modcacherw", "msan", "n", "race", "trimpath",
        "v", "work", "x",
    }
)  # fmt: skip
"""Flags that take a value only after `=`. `-i` was one until Go 1.20."""
_VALUED = frozenset(
    {
        "C", "asmflags", "buildmode", "compiler", "covermode", "coverpkg", "debug-actiongraph",
        "debug-runtime-trace", "debug-trace", "gccgoflags", "gcflags", "installsuffix", "ldflags", "mod", "modfile",
        "o", "overlay", "p", "pgo", "pkgdir", "tags", "toolexec",
    }
)  # fmt: skip
SYSTEM_FOLDERS = frozenset(
    {
        "/", "/bin", "/etc", "/go", "/go/bin", "/go/src", "/home", "/opt", "/root", "/sbin", "/srv", "/tmp", "/usr",
        "/usr/bin", "/usr/local", "/usr/local/bin", "/usr/local/sbin", "/usr/sbin", "/var", "/var/lib",
    }
)  # fmt: skip
"""Folders that are in every image with a Go toolchain: `-o` of one of them puts the program into it."""
_VERSION = re.compile(r"v(?:[2-9]|[1-9][0-9]+)")
_NOT_LITERAL = re.compile(r"[$`]")


@dataclass(frozen=True, slots=True)
class Output:
    """A file that is written: absolute, or relative to the working folder. `package` is the folder of its main
    package, relative to the module's; None where that is a module of others (`go install x@version`)."""

    path: str
    package: str | None


@dataclass(frozen=True, slots=True)
class BuildFlags:
    """What was asked for, by flags or by GOFLAGS, as far as it decides what the result needs."""

    race: bool = False
    sanitized: bool = False
    """`-msan` or `-asan`."""
    buildmode: str = "default"
    tags: tuple[str, ...] = ()
    ldflags: str | None = None
    trimpath: bool = False
    buildvcs: str = "auto"
    mod: str = ""

    @property
    def needs_cgo(self) -> bool:
        """Do the flags alone need cgo?"""
        return self.race or self.sanitized or self.buildmode in ("c-shared", "c-archive", "plugin", "shared")


@dataclass(frozen=True, slots=True)
class BuildOutput:
    """The files that a command writes; none where it writes none, or where `problem` says why they aren't known."""

    outputs: tuple[Output, ...]
    problem: str | None = None
    flags: BuildFlags = BuildFlags()


def build_outputs(
    words: Sequence[str],
    cwd: str,
    project: GoProject,
    env: Mapping[str, str],
    *,
    root: str | None = None,
    folders: Collection[str] = (),
) -> BuildOutput | None:
    """The files that `go build …` or `go install …` writes; None for another command.

    `words` are literal; `cwd` is the working folder relative to the module's ("" is the same); `env` is the whole
    environment, with that of the base image (GOPATH) and HOME where they are known. `root` is where the module lies in
    the image, and `folders` are folders that other instructions made, absolute or relative to `cwd`.
    """
    if len(words) < 2 or posixpath.basename(words[0]) != "go":
        return None
    # `go -C dir build` came with the flag itself.
    verb = words[1]
    if verb not in ("build", "install"):
        return None
    parsed = _parse(words[2:])
    if isinstance(parsed, str):
        return BuildOutput((), parsed)
    given, arguments = parsed
    flags = build_flags(words, env)
    if any(_NOT_LITERAL.search(word) for word in (*arguments, given.get("o", ""), given.get("C", ""))):
        return BuildOutput((), "an argument is a variable", flags)
    if verb == "install" and "o" in given:
        return BuildOutput((), "`go install` has no flag `-o`", flags)
    command = _Command(verb, given, arguments, cwd, project, env, root, frozenset(folders), flags)
    try:
        return BuildOutput(tuple(command.outputs()), None, flags)
    except _Problem as problem:
        return BuildOutput((), str(problem), flags)


def build_flags(words: Sequence[str], env: Mapping[str, str]) -> BuildFlags:
    """The flags of `go build …` or another command with build flags, those of GOFLAGS before its own."""
    given: dict[str, str] = {}
    # GOFLAGS holds words of the form -flag=value only.
    for word in env.get("GOFLAGS", "").split():
        name, equals, value = word.lstrip("-").partition("=")
        given[name] = value if equals else "true"
    parsed = _parse(words[2:])
    if not isinstance(parsed, str):
        given |= parsed[0]
    return BuildFlags(
        _is_on(given.get("race")),
        _is_on(given.get("msan")) or _is_on(given.get("asan")),
        given.get("buildmode", "default"),
        tuple(tag for tag in re.split(r"[,\s]+", given.get("tags", "")) if tag),
        given.get("ldflags"),
        _is_on(given.get("trimpath")),
        given.get("buildvcs", "auto"),
        given.get("mod", ""),
    )


def _is_on(value: str | None) -> bool:
    return value is not None and value.lower() in ("true", "1", "t")


def _parse(words: Sequence[str]) -> tuple[dict[str, str], list[str]] | str:
    """Flags (the last of each counts) and arguments, as Go's flag package takes them; or what is wrong."""
    given: dict[str, str] = {}
    rest = list(words)
    while rest:
        word = rest[0]
        if not word.startswith("-") or word == "-":
            break
        rest.pop(0)
        if word == "--":
            break
        name, equals, value = word.removeprefix("-").removeprefix("-").partition("=")
        if name in _SWITCHES:
            given[name] = value if equals else "true"
        elif name not in _VALUED:
            return f"`{word}` is no flag that is known"
        elif equals:
            given[name] = value
        elif rest:
            given[name] = rest.pop(0)
        else:
            return f"`{word}` lacks its value"
    return given, rest


class _Problem(Exception):
    """Why it isn't known what is written, or why the command fails."""


@dataclass(frozen=True, slots=True)
class _Package:
    """A package to build. `folder` is relative to the module's, None for a module of others."""

    folder: str | None
    name: str
    is_main: bool


@dataclass(frozen=True, slots=True)
class _Command:
    verb: str
    given: Mapping[str, str]
    arguments: Sequence[str]
    cwd: str
    project: GoProject
    env: Mapping[str, str]
    root: str | None
    folders: frozenset[str]
    flags: BuildFlags

    def outputs(self) -> list[Output]:
        if _is_on(self.given.get("n")):
            return []
        packages = self._packages()
        return self._installed(packages) if self.verb == "install" else self._built(packages)

    # --- where

    def _built(self, packages: list[_Package]) -> list[Output]:
        asked = self.given.get("o", "")
        if asked == "/dev/null":
            return []
        if not asked:
            if len(packages) != 1 or not packages[0].is_main:
                return []
            target = packages[0].name + self._suffix()
            if self._is_folder(target):
                raise _Problem(f"the output `{target}` would have the name of a folder")
            return [Output(self._from_start(target), packages[0].folder)]
        if asked.endswith("/") or self._is_folder(asked):
            found = [
                Output(self._from_start(posixpath.join(asked, package.name + self._suffix())), package.folder)
                for package in packages
                if package.is_main
            ]
            if not found:
                raise _Problem("there is no main package to build")
            return _distinct(found)
        if len(packages) > 1:
            raise _Problem(f"several packages can't be written to the file `{asked}`")
        if not packages:
            raise _Problem("there is no package to build")
        if not packages[0].is_main and self.flags.buildmode == "default":
            raise _Problem(f"`{asked}` would be a library, for the package isn't main")
        return [Output(self._from_start(asked), packages[0].folder)]

    def _installed(self, packages: list[_Package]) -> list[Output]:
        mains = [package for package in packages if package.is_main]
        if not mains:
            return []
        folder = self.env.get("GOBIN", "")
        crossed = self._crossed()
        if crossed is None:
            raise _Problem("GOOS or GOARCH is a variable")
        if folder:
            if not folder.startswith("/"):
                raise _Problem("GOBIN is not absolute")
            if crossed and not any(word.endswith(".go") for word in self.arguments):
                raise _Problem("programs for another platform can't be installed while GOBIN is set")
        else:
            folder = posixpath.join(self._gopath(), "bin", crossed)
        if _NOT_LITERAL.search(folder):
            raise _Problem(f"where `go install` writes is not known: `{folder}`")
        return _distinct(
            [
                Output(posixpath.join(folder.rstrip("/") or "/", item.name + self._suffix()), item.folder)
                for item in mains
            ]
        )

    def _gopath(self) -> str:
        paths = [path for path in self.env.get("GOPATH", "").split(":") if path]
        if paths:
            return paths[0]
        if self.env.get("HOME"):
            return posixpath.join(self.env["HOME"], "go")
        raise _Problem("where `go install` writes is not known: neither GOBIN, GOPATH nor HOME is")

    def _crossed(self) -> str | None:
        """The folder for another platform than the image's, empty for its own; None where that isn't known.

        The image's processor is known only where it is said: without GOHOSTARCH the one of most builds is meant.
        """
        system, processor = self.env.get("GOOS", "") or "linux", self.env.get("GOARCH", "")
        if _NOT_LITERAL.search(system + processor):
            return None
        host = self.env.get("GOHOSTARCH", "amd64")
        processor = processor or host
        return "" if (system, processor) == ("linux", host) else f"{system}_{processor}"

    def _suffix(self) -> str:
        return ".exe" if self.env.get("GOOS") == "windows" else ""

    def _from_start(self, path: str) -> str:
        """A path that is relative to `-C`'s folder, relative to the command's; a plain one stays as it is written."""
        if path.startswith("/"):
            return path
        return posixpath.normpath(posixpath.join(self.given.get("C", ""), path))

    def _is_folder(self, path: str) -> bool:
        plain = path.rstrip("/") or "/"
        made = {folder.rstrip("/") or "/" for folder in self.folders}
        if path.startswith("/"):
            if plain in SYSTEM_FOLDERS or plain in made:
                return True
            inner = self._inside(plain)
            return inner is not None and self._has_folder(inner)
        if posixpath.normpath(self._from_start(plain)) in {posixpath.normpath(folder) for folder in made}:
            return True
        return self._has_folder(posixpath.normpath(posixpath.join(self._start(), plain)))

    def _has_folder(self, relative: str) -> bool:
        folder = posixpath.normpath(posixpath.join(self.project.folder, relative))
        return not folder.startswith("..") and self.project.source.context.is_folder(folder)

    # --- what

    def _start(self) -> str:
        """The folder that the command works in, relative to the module's."""
        changed = self.given.get("C", "")
        if changed.startswith("/"):
            inner = self._inside(changed)
            if inner is None:
                raise _Problem(f"`{changed}` is not known to be in the module")
            return inner
        start = posixpath.normpath(posixpath.join(self.cwd, changed))
        return "" if start == "." else start

    def _inside(self, path: str) -> str | None:
        """An absolute path, relative to the module's folder."""
        if self.root is None:
            return None
        root, path = posixpath.normpath(self.root), posixpath.normpath(path)
        if path != root and not path.startswith(root.rstrip("/") + "/"):
            return None
        return path[len(root) :].strip("/")

    def _packages(self) -> list[_Package]:
        arguments = list(self.arguments) or ["."]
        if all("@" in word for word in arguments):
            if self.verb != "install":
                raise _Problem("`go build` takes no version")
            return [self._foreign(word) for word in arguments]
        if arguments[0].endswith(".go"):
            return [self._of_files(arguments)]
        found: dict[str, _Package] = {}
        for word in arguments:
            for package in self._matching(word):
                found[package.folder if package.folder is not None else word] = package
        return list(found.values())

    def _foreign(self, word: str) -> _Package:
        """`x/y@version`: it is taken as a program, for `go install` accepts nothing else."""
        path = word.split("@")[0]
        if "..." in path:
            raise _Problem(f"what `{word}` installs is not known")
        return _Package(None, _program_name(path), True)

    def _of_files(self, words: Sequence[str]) -> _Package:
        files: list[str] = []
        start = self._start()
        for word in words:
            if not word.endswith(".go"):
                raise _Problem(f"`{word}` is no .go file")
            path = posixpath.normpath(posixpath.join(start, word))
            whole = posixpath.normpath(posixpath.join(self.project.folder, path))
            matches = [
                file
                for file in self.project.source.context.under(posixpath.dirname(whole))
                if "/" not in file[len(posixpath.dirname(whole)) :].lstrip("/")
                and (file == whole or fnmatch.fnmatchcase(posixpath.basename(file), posixpath.basename(whole)))
            ]
            if not matches:
                raise _Problem(f"`{word}` is not in the build context")
            files += [file for file in matches if not file.endswith("_test.go")]
        if len({posixpath.dirname(file) for file in files}) != 1:
            raise _Problem("the files are not all in one folder")
        # The first file that isn't cgo's gives the name.
        headers = [(file, self.project.source.header(file)) for file in files]
        plain = [file for file, header in headers if header is not None and not header.imports_path("C")]
        name = posixpath.basename((plain or files)[0]).removesuffix(".go")
        is_main = any(header is not None and header.package == "main" for _, header in headers)
        return _Package(self.project.relative(posixpath.dirname(files[0])), name, is_main)

    def _matching(self, word: str) -> list[_Package]:
        local = word in (".", "..") or word.startswith(("./", "../", "/"))
        if word in ("all", "std", "cmd", "work", "tool"):
            raise _Problem(f"what `{word}` builds is not known")
        if local:
            path = self._inside(word) if word.startswith("/") else posixpath.join(self._start(), word)
            if path is None:
                raise _Problem(f"`{word}` is not known to be in the module")
            whole = posixpath.normpath(posixpath.join(self.project.folder, path))
        else:
            found = self.project.source.folder_of(word.removesuffix("/..."))
            if found is None:
                if self.verb == "install" and "." in word.split("/")[0] and "..." not in word:
                    return [_Package(None, _program_name(word), True)]
                raise _Problem(f"`{word}` is no package of the module")
            whole = posixpath.join(found, "...") if word.endswith("/...") else found or "."
        if whole == ".." or whole.startswith("../"):
            raise _Problem(f"`{word}` is outside the build context")
        if "..." not in whole:
            return [self._package("" if whole == "." else whole, word)]
        base, last = posixpath.split(whole)
        if last != "..." or "..." in base:
            raise _Problem(f"what `{word}` builds is not known")
        folders = [folder for folder in self.project.source.package_folders(base) if self._name_in(folder)]
        return [self._package(folder, word) for folder in sorted(folders)]

    def _name_in(self, folder: str) -> str | None:
        return self.project.source.package_name(folder, frozenset(self.flags.tags))

    def _package(self, folder: str, word: str) -> _Package:
        source = self.project.source
        name = self._name_in(folder)
        if name is None:
            raise _Problem(f"`{word}` has no Go files in the build context")
        path = source.import_path_of(folder)
        if path is None:
            raise _Problem(f"there is no go.mod around `{folder or '.'}`")
        return _Package(self.project.relative(folder), _program_name(path), name == "main")


def _program_name(path: str) -> str:
    parts = path.split("/")
    if len(parts) > 1 and _VERSION.fullmatch(parts[-1]):
        parts.pop()
    return parts[-1]


def _distinct(found: list[Output]) -> list[Output]:
    if len({output.path for output in found}) < len(found):
        raise _Problem("several packages would be written to the same file")
    return found
