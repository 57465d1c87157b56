"""Reads the commands of one RUN: what each leaves in the image for the run time, or that this isn't known."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from dockerslim.case import Case
from dockerslim.dockerfile import Instruction, Span, Stage
from dockerslim.dockerfile.shell import Opaque, Script, ShellCommand
from dockerslim.languages.make_command import MakeProblem
from dockerslim.split.go.file_commands import is_for_fetching, made_folders, read_transfer, removed_paths, written_file
from dockerslim.split.go.go_command import read_go_command
from dockerslim.split.go.made import DEEPEST, made_by
from dockerslim.split.go.purpose import GoStage
from dockerslim.split.packages import is_package_housekeeping, package_install
from dockerslim.split.unknown_command import UnknownCommand

USER_PROGRAMS = frozenset({"adduser", "addgroup", "useradd", "groupadd"})
HARMLESS = frozenset(
    "set echo printf export cd chmod true ls pwd cat which upx strip file unset test [ date ssh-keyscan".split()
)
"""Programs that leave nothing for the run time but what they were given."""
CODE_GENERATORS = frozenset(
    "protoc buf wire sqlc templ swag mockgen stringer go-bindata packr packr2 statik gofmt goimports golangci-lint"
    " staticcheck golint gosec govulncheck oapi-codegen ent gqlgen".split()
)
"""Programs that write source, or only look at it; what they write is built."""
SYSTEM_FILES = re.compile(
    r"/(?:etc/(?:passwd|group|shadow|gshadow|ld\.so|apt/|apk/|hosts|resolv)|usr/lib|lib|root/|dev/)"
)
"""What is each image's own."""


@dataclass(slots=True)
class RunReader:
    """Adds what a RUN does to `found`.

    `carrier` is the Dockerfile's command that stands for what a Makefile runs, with its script; edits and messages
    point there.
    """

    case: Case
    stage: Stage
    instruction: Instruction
    script: Script
    found: GoStage
    carrier: tuple[Script, ShellCommand] | None = None
    depth: int = 0

    def read(self, folder: str | None, given: Mapping[str, str | None] | None = None) -> None:
        """Reads the commands in order. `given` are variables that the shell finds besides those of the image."""
        exported: dict[str, str | None] = dict(given or {})
        for part in self.script.parts:
            if isinstance(part, Opaque):
                self.report(part, self.script.text(part.start, part.end), "it is more than a plain command")
                continue
            inner = part.inner()
            words = inner.known_arguments()
            if not words:
                exported.update({name: value.literal for name, value in part.assignments})
                continue
            name = posixpath.basename(words[0])
            if name == "cd":
                known = inner.arguments is not None and len(words) == 2 and folder is not None
                folder = posixpath.normpath(posixpath.join(folder or "/", words[1])) if known else None
            elif name == "export":
                for word in words[1:]:
                    key, equals, value = word.partition("=")
                    if equals:
                        exported[key] = value if "$" not in value else None
            else:
                self._read_command(part, words, name, folder, exported)

    def _read_command(
        self,
        part: ShellCommand,
        words: tuple[str, ...],
        name: str,
        folder: str | None,
        exported: dict[str, str | None],
    ) -> None:
        inner = part.inner()
        if name == "go":
            read_go_command(self, part, folder, exported)
            return
        if name == "make":
            self._read_make(part, words, folder, exported)
        elif (install := package_install(part)) is not None:
            if install.packages is None:
                self.report(part, words[0], "the packages are computed")
            else:
                self.found.packages.extend((self.instruction, install.manager, name) for name in install.packages)
        elif name in USER_PROGRAMS:
            if any(other.inner().name not in USER_PROGRAMS for other in self.script.commands):
                self.report(part, name, "a user is made together with other things")
            elif self.instruction not in self.found.users:
                self.found.users.append(self.instruction)
        elif name == "rm" and not is_package_housekeeping(part):
            removed = removed_paths(inner, folder)
            if removed is None:
                self.report(part, "rm", "what it removes is computed")
            else:
                self.found.removed.extend(removed)
        elif name == "mkdir":
            folders = made_folders(inner, folder)
            if folders is None:
                self.report(part, "mkdir", "the folder is computed")
            else:
                self.found.folders.extend((self.instruction, path) for path in folders if not is_for_fetching(path))
        elif name in ("cp", "mv"):
            reason = read_transfer(self, inner, folder)
            if reason:
                self.report(part, " ".join(words[:3]), reason)
        elif not (
            is_package_housekeeping(part) or name in HARMLESS or name in CODE_GENERATORS or _is_git_question(words)
        ):
            shown = words[0] if len(words) == 1 or words[0].startswith((".", "/")) else f"{words[0]} {words[1]}"
            self.report(part, shown)
        self._read_redirects(part, name, folder)

    def _read_redirects(self, part: ShellCommand, name: str, folder: str | None) -> None:
        for redirect in part.redirects:
            if ">" not in redirect or "/dev/null" in redirect or "&" in redirect:
                continue
            path = written_file(redirect, folder)
            if path is not None and is_for_fetching(path):
                continue
            if path is None or name not in ("echo", "printf", "cat", "date") or SYSTEM_FILES.match(path):
                self.report(part, self.script.text(part.start, part.end), "it writes a file")
            else:
                self.found.files.append((path, False))

    def _read_make(
        self, part: ShellCommand, words: tuple[str, ...], folder: str | None, exported: dict[str, str | None]
    ) -> None:
        inner = part.inner()
        environment = {**exported, **{name: word.literal for name, word in inner.assignments}}
        written = {built.path for built in self.found.built} | {path for _, path in self.found.folders}
        try:
            if self.depth >= DEEPEST:
                raise MakeProblem("too many makes start each other")
            made = made_by(self.case, self.stage, self.instruction, words, folder, environment, written)
        except MakeProblem as problem:
            self.report(part, " ".join(words[:2]), str(problem))
            return
        carrier = self.carrier or (self.script, part)
        for script in made.scripts:
            reader = replace(self, script=script, carrier=carrier, depth=self.depth + 1)
            if script.problem is not None:
                self.report(part, " ".join(words[:2]), script.problem)
                return
            reader.read(made.folder, {**environment, **made.environment})

    def span(self, part: ShellCommand | Opaque) -> Span:
        """Where a command stands in the Dockerfile; the make that runs it, for one of a Makefile."""
        if self.carrier is not None:
            script, command = self.carrier
            return script.span(command.start, command.end)
        return self.script.span(part.start, part.end)

    def place(self, part: ShellCommand) -> tuple[Script, ShellCommand]:
        """The command of the Dockerfile that stands for a command, and its script."""
        return self.carrier or (self.script, part)

    def report(self, part: ShellCommand | Opaque, name: str, reason: str = "") -> None:
        """Notes a command whose effects aren't known."""
        if self.carrier is not None:
            command = self.carrier[1]
            shown = " ".join(command.inner().known_arguments()[:2])
            reason = f"the Makefile runs `{name}`" + (f": {reason}" if reason else "") if name != shown else reason
            name = shown
        self.found.unknown.append(UnknownCommand(self.span(part), name, reason))


def _is_git_question(words: tuple[str, ...]) -> bool:
    """Settings of git, and questions about the repository."""
    return words[0] == "git" and words[1:2] != () and words[1] in GIT_QUESTIONS


GIT_QUESTIONS = frozenset("config version --version describe rev-parse rev-list log status show diff".split())
