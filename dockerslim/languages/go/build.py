"""Which files `go build` and `go install` write."""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from dockerslim.languages.go.build_command import NOT_LITERAL, BuildCommand, BuildProblem
from dockerslim.languages.go.build_flags import BuildFlags, build_flags, is_on, read_flags
from dockerslim.languages.go.build_packages import Package, named_packages
from dockerslim.languages.go.project import GoProject

SYSTEM_FOLDERS = frozenset(
    {
        "/", "/bin", "/etc", "/go", "/go/bin", "/go/src", "/home", "/opt", "/root", "/sbin", "/srv", "/tmp", "/usr",
        "/usr/bin", "/usr/local", "/usr/local/bin", "/usr/local/sbin", "/usr/sbin", "/var", "/var/lib",
    }
)  # fmt: skip
"""Folders that are in every image with a Go toolchain: `-o` of one of them puts the program into it."""


@dataclass(frozen=True, slots=True)
class Output:
    """A file that is written: absolute, or relative to the working folder. `package` is the folder of its main
    package, relative to the module's; None where that is a module of others (`go install x@version`)."""

    path: str
    package: str | None


@dataclass(frozen=True, slots=True)
class BuildOutput:
    """The files that a command writes; none where it writes none, or where `problem` says why they aren't known."""

    outputs: tuple[Output, ...]
    problem: str | None = None
    flags: BuildFlags = field(default_factory=BuildFlags)


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
    parsed = read_flags(words[2:])
    if isinstance(parsed, str):
        return BuildOutput((), parsed)
    given, arguments = parsed
    flags = build_flags(words, env)
    if any(NOT_LITERAL.search(word) for word in (*arguments, given.get("o", ""), given.get("C", ""))):
        return BuildOutput((), "an argument is a variable", flags)
    if verb == "install" and "o" in given:
        return BuildOutput((), "`go install` has no flag `-o`", flags)
    command = BuildCommand(verb, given, arguments, cwd, project, env, root, frozenset(folders), flags)
    try:
        return BuildOutput(tuple(_outputs(command)), None, flags)
    except BuildProblem as problem:
        return BuildOutput((), str(problem), flags)


def _outputs(command: BuildCommand) -> list[Output]:
    if is_on(command.given.get("n")):
        return []
    packages = named_packages(command)
    return _installed(command, packages) if command.verb == "install" else _built(command, packages)


def _built(command: BuildCommand, packages: list[Package]) -> list[Output]:
    asked = command.given.get("o", "")
    if asked == "/dev/null":
        return []
    if not asked:
        if len(packages) != 1 or not packages[0].is_main:
            return []
        target = packages[0].name + _suffix(command)
        if _is_folder(command, target):
            raise BuildProblem(f"the output `{target}` would have the name of a folder")
        return [Output(_from_start(command, target), packages[0].folder)]
    if asked.endswith("/") or _is_folder(command, asked):
        found = [
            Output(_from_start(command, posixpath.join(asked, package.name + _suffix(command))), package.folder)
            for package in packages
            if package.is_main
        ]
        if not found:
            raise BuildProblem("there is no main package to build")
        return _distinct(found)
    if len(packages) > 1:
        raise BuildProblem(f"several packages can't be written to the file `{asked}`")
    if not packages:
        raise BuildProblem("there is no package to build")
    if not packages[0].is_main and command.flags.buildmode == "default":
        raise BuildProblem(f"`{asked}` would be a library, for the package isn't main")
    return [Output(_from_start(command, asked), packages[0].folder)]


def _installed(command: BuildCommand, packages: list[Package]) -> list[Output]:
    mains = [package for package in packages if package.is_main]
    if not mains:
        return []
    folder = command.env.get("GOBIN", "")
    crossed = _crossed(command)
    if crossed is None:
        raise BuildProblem("GOOS or GOARCH is a variable")
    if folder:
        if not folder.startswith("/"):
            raise BuildProblem("GOBIN is not absolute")
        if crossed and not any(word.endswith(".go") for word in command.arguments):
            raise BuildProblem("programs for another platform can't be installed while GOBIN is set")
    else:
        folder = posixpath.join(_gopath(command), "bin", crossed)
    if NOT_LITERAL.search(folder):
        raise BuildProblem(f"where `go install` writes is not known: `{folder}`")
    return _distinct(
        [Output(posixpath.join(folder.rstrip("/") or "/", item.name + _suffix(command)), item.folder) for item in mains]
    )


def _gopath(command: BuildCommand) -> str:
    paths = [path for path in command.env.get("GOPATH", "").split(":") if path]
    if paths:
        return paths[0]
    if command.env.get("HOME"):
        return posixpath.join(command.env["HOME"], "go")
    raise BuildProblem("where `go install` writes is not known: neither GOBIN, GOPATH nor HOME is")


def _crossed(command: BuildCommand) -> str | None:
    """The folder for another platform than the image's, empty for its own; None where that isn't known.

    The image's processor is known only where it is said: without GOHOSTARCH the one of most builds is meant.
    """
    system, processor = command.env.get("GOOS", "") or "linux", command.env.get("GOARCH", "")
    if NOT_LITERAL.search(system + processor):
        return None
    host = command.env.get("GOHOSTARCH", "amd64")
    processor = processor or host
    return "" if (system, processor) == ("linux", host) else f"{system}_{processor}"


def _suffix(command: BuildCommand) -> str:
    return ".exe" if command.env.get("GOOS") == "windows" else ""


def _from_start(command: BuildCommand, path: str) -> str:
    """A path that is relative to `-C`'s folder, relative to the command's; a plain one stays as it is written."""
    if path.startswith("/"):
        return path
    return posixpath.normpath(posixpath.join(command.given.get("C", ""), path))


def _is_folder(command: BuildCommand, path: str) -> bool:
    plain = path.rstrip("/") or "/"
    made = {folder.rstrip("/") or "/" for folder in command.folders}
    if path.startswith("/"):
        if plain in SYSTEM_FOLDERS or plain in made:
            return True
        inner = command.inside(plain)
        return inner is not None and _has_folder(command, inner)
    if posixpath.normpath(_from_start(command, plain)) in {posixpath.normpath(folder) for folder in made}:
        return True
    return _has_folder(command, posixpath.normpath(posixpath.join(command.start(), plain)))


def _has_folder(command: BuildCommand, relative: str) -> bool:
    folder = posixpath.normpath(posixpath.join(command.project.folder, relative))
    return not folder.startswith("..") and command.project.source.context.is_folder(folder)


def _distinct(found: list[Output]) -> list[Output]:
    if len({output.path for output in found}) < len(found):
        raise BuildProblem("several packages would be written to the same file")
    return found
