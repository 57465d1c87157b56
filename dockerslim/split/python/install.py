"""What an install of Python packages brings, and which files of the build context it reads for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from dockerslim.split.python.pip_command import PipCommand
from dockerslim.split.python.project_command import ProjectCommand


@dataclass(frozen=True, slots=True)
class ReadFile:
    """A file of the context that pip reads, and where it lies in the image."""

    source: str
    path: str


@dataclass(frozen=True, slots=True)
class Target:
    """Where a manager's packages land: in an environment at `folder`, in the interpreter's own folder, or in an
    environment below the home folder, whose name only the manager knows."""

    kind: Literal["folder", "interpreter", "home"]
    folder: str = ""


@dataclass(frozen=True, slots=True)
class Install:
    """A command that installs packages and what the context says of it."""

    command: PipCommand | ProjectCommand
    files: tuple[ReadFile, ...] = ()
    """What it reads by a COPY; what a bind mount brings is not among them."""
    distributions: tuple[str, ...] = ()
    """Names as `name` or `name[extra]`."""
    needs_source: str = ""
    """What it installs out of a folder: `.`, `./libs/common`; "" where it needs requirements files only."""
    why_source: str = ""
    """Why it can't be told what is installed out of it; "" where there is no more to say."""
    unknown: str = ""
    """Why it can't be told what is installed; "" where it can."""
    help: str = ""
    """What would change that; "" for requirements files."""
    wheels: frozenset[str] = frozenset()
    """The distributions for which a lock file names a wheel."""
    exported: tuple[str, ...] = ()
    """Image paths of the requirements files that a manager has written from its lock file."""
    target: Target | None = None
    """Of a manager's; pip's packages land where its interpreter is."""
    is_package: bool = False
    """Is the project itself one that its manager installs, if it is not told to leave it out?"""
    installs_project: bool = False
    """Is it installed with the others?"""
    is_plainly_built: bool = True
    """Does building the project write nothing beside its source?"""
    members: tuple[str, ...] = ()
    """The context's folders of the other projects of its workspace."""
    computed_metadata: str = ""
    """What of the project's metadata is only known by building it."""

    @property
    def without_project(self) -> str:
        """The option that leaves the project itself out, and the others of its workspace."""
        if self.project is None:
            return ""
        return self.project.manager.without_workspace if self.members else self.project.manager.without_project

    @property
    def links_source(self) -> bool:
        """Is the project installed as a link to its source, which must be there then?"""
        if isinstance(self.command, PipCommand):
            return bool(self.command.editable)
        return self.installs_project

    @property
    def lacks_source(self) -> bool:
        """Would a stage that has nothing but the packages miss the source that they were installed from?"""
        return bool(self.needs_source) and (not self.installs_project or self.links_source)

    @property
    def project(self) -> ProjectCommand | None:
        return self.command if isinstance(self.command, ProjectCommand) else None
