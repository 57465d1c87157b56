"""What really runs when a container of the project starts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from dockerslim.languages.evidence import Evidence
from dockerslim.languages.node.file_use import FileUse
from dockerslim.languages.node.start_script import StartScript

CommandKind = Literal["server", "dev-server", "build-at-start", "unknown"]


@dataclass(frozen=True, slots=True)
class Command:
    """A start command, followed through package.json's scripts."""

    kind: CommandKind
    """"unknown": something of it can't be told, or nothing of it is known to be a server."""
    programs: tuple[tuple[str, ...], ...] = ()
    """Every program with its arguments, in the order in which they run; wrappers are taken off."""
    entry_files: tuple[str, ...] = ()
    """The files that node (or what takes its place) runs, relative to the context: source, or what a build makes."""
    binaries: tuple[str, ...] = ()
    """Programs of node_modules/.bin."""
    preloads: tuple[str, ...] = ()
    """Packages that `node --require` or `--import` loads first."""
    development_tool: str | None = None
    development_evidence: Evidence | None = None
    build_evidence: Evidence | None = None
    """Where it builds or installs at start."""
    uses_shell: bool = False
    """A shell runs at some point, if only as npm's."""
    needs_shell_features: tuple[str, ...] = ()
    """What exec form can't say, like `&&` or `$`."""
    environment: tuple[tuple[str, str], ...] = ()
    """Variables that the scripts set."""
    global_tools: tuple[str, ...] = ()
    """Programs that no dependency brings: installed by `npm install --global`, or there with the image."""
    package_managers: tuple[str, ...] = ()
    """npm, yarn and their like, where they are what is started."""
    scripts: tuple[str, ...] = ()
    """The package.json scripts that run, hooks included."""
    env_files: tuple[str, ...] = ()
    """Files of `node --env-file`, relative to the work folder."""
    unknown: tuple[Evidence, ...] = ()
    """What could not be followed, each with its reason."""
    folders: tuple[str, ...] = ()
    """The work folders, relative to the context, in which node runs a file, or a program of node_modules runs."""
    logs: tuple[FileUse, ...] = ()
    """What a process manager writes for its programs."""
    unknown_logs: tuple[Evidence, ...] = ()
    start_scripts: tuple[StartScript, ...] = ()
    """The shell scripts of the image that run, but those of package.json."""
