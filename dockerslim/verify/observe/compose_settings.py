"""How the containers of a verification are built and run: by what compose says, then by what the command line says.

All candidates get the same.
"""

from __future__ import annotations

import posixpath
import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from dockerslim.case import Case
from dockerslim.context.compose import PRIMARY_NAME, Command
from dockerslim.context.environment_file import read_environment
from dockerslim.context.text_file import read_stamped, stamp
from dockerslim.context.usage import ServiceUse
from dockerslim.verify.build.build_candidate import BuildSettings
from dockerslim.verify.observe.compose_mounts import PlannedFile, PlannedMount, plan_mounts
from dockerslim.verify.options import VerifyOptions

_OF_THE_HOST = frozenset({"HOME", "HOSTNAME", "LOGNAME", "OLDPWD", "PATH", "PWD", "SHELL", "TERM", "TMPDIR", "USER"})
"""Mean something else in a container; a service whose value for one of these isn't known computes it from another."""


@dataclass(frozen=True, slots=True)
class RunSettings:
    """What the builds and containers of all candidates are given."""

    build: BuildSettings = field(default_factory=BuildSettings)
    environment: Mapping[str, str] = field(default_factory=dict)
    environment_files: tuple[Path, ...] = ()
    """Those of the command line; what compose's files say is in `environment`."""
    command: tuple[str, ...] = ()
    """Empty: the image's own."""
    entrypoint: str | None = None
    user: str | None = None
    working_folder: str | None = None
    mounts: tuple[PlannedMount, ...] = ()
    files: tuple[PlannedFile, ...] = ()
    service: str = ""
    """The compose service that this comes from, as in `compose.yaml: web`; empty for none."""
    notes: tuple[str, ...] = ()
    """What could not be taken over, a sentence each."""


def run_settings(case: Case, options: VerifyOptions, environment: Mapping[str, str]) -> RunSettings:
    """What compose says of the Dockerfile's image, under what the options say; `environment` is the host's."""
    service = _chosen_service(case, options)
    if service is None or case.usage.root is None:
        build = _build_settings(options, {}, None)
        return RunSettings(build, dict(options.environment), options.environment_files)
    reader = _Reader(case, service, case.usage.root, environment)
    reader.note_others()
    entrypoint, command = reader.start()
    if entrypoint is not None or command:
        reader.notes.append(f"run with the command of `{service.service}` in {service.file}, not with the image's own")
    plan = plan_mounts(service, reader.folder, case.usage.root, case.final.final.workdir)
    return RunSettings(
        build=_build_settings(options, reader.build_arguments(), reader.target() if not options.target else None),
        environment={**reader.variables(), **dict(options.environment)},
        environment_files=options.environment_files,
        command=command,
        entrypoint=entrypoint,
        user=reader.plain(service.user, "user"),
        working_folder=reader.plain(service.working_dir, "working_dir"),
        mounts=tuple(plan.mounts.values()),
        files=tuple(plan.files.values()),
        service=f"{service.file}: {service.service}",
        notes=(*reader.notes, *plan.notes),
    )


def _build_settings(options: VerifyOptions, arguments: Mapping[str, str], target: str | None) -> BuildSettings:
    return BuildSettings(
        arguments={**arguments, **dict(options.build_arguments)},
        secrets=options.secrets,
        ssh=options.ssh,
        platform=options.platform,
        target=options.target or target,
    )


def _chosen_service(case: Case, options: VerifyOptions) -> ServiceUse | None:
    """The service that builds the wanted stage and starts what the image starts; of several of that kind the first."""
    dockerfile = case.dockerfile
    wanted = (dockerfile.stage_named(options.target) if options.target else None) or dockerfile.final_stage

    def key(service: ServiceUse) -> tuple[bool, bool, bool]:
        stage = dockerfile.stage_named(service.target) if service.target else dockerfile.final_stage
        return (
            stage is None or stage.index != wanted.index,
            bool(service.command or service.entrypoint),
            PRIMARY_NAME.fullmatch(posixpath.basename(service.file)) is None,
        )

    return min((service for service in case.usage.services if not service.is_platforms), key=key, default=None)


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads one service; what it leaves out it notes."""

    case: Case
    service: ServiceUse
    root: Path
    host: Mapping[str, str]
    notes: list[str] = field(default_factory=list)

    @property
    def folder(self) -> Path:
        """The compose file's."""
        return (self.root / self.service.file).parent

    def note_others(self) -> None:
        services = (service for service in self.case.usage.services if not service.is_platforms)
        names = {(service.file, service.service) for service in services}
        if len(names) > 1:
            chosen = f"`{self.service.service}` of {self.service.file}"
            self.notes.append(f"run like the service {chosen}, one of {len(names)} that use this image")

    def start(self) -> tuple[str | None, tuple[str, ...]]:
        """The entrypoint's program (empty: none), and all that follows the image."""
        command = self._words(self.service.command, "command") or ()
        entrypoint = self._words(self.service.entrypoint, "entrypoint")
        if entrypoint is None:
            return None, command
        return (entrypoint[0] if entrypoint else ""), (*entrypoint[1:], *command)

    def _words(self, command: Command | None, what: str) -> tuple[str, ...] | None:
        """As compose splits them: a text into words, with no shell."""
        if command is None or not isinstance(command, str):
            return command
        try:
            return tuple(shlex.split(command))
        except ValueError:
            self.notes.append(f"the `{what}` of the service can't be split into words and is left out")
            return None

    def plain(self, text: str | None, what: str) -> str | None:
        """A text without variables."""
        if text is not None and "$" in text:
            self.notes.append(f"`{what}: {text}` of the service depends on a variable and is left out")
            return None
        return text

    def target(self) -> str | None:
        target = self.plain(self.service.target, "target")
        if target is not None and self.case.dockerfile.stage_named(target) is None:
            self.notes.append(f"the Dockerfile has no stage `{target}`, which the service builds")
            return None
        return target

    def build_arguments(self) -> dict[str, str]:
        pairs = self.service.build_arguments
        return self._filled((name, None if value and "$" in value else value) for name, value in pairs)

    def variables(self) -> dict[str, str]:
        """The environment: that of the files below that of the service."""
        found: dict[str, str] = {}
        for name in self.service.environment_files:
            settings = self._environment_file(name)
            if settings is None:
                self.notes.append(f"the environment file `{name}` of the service can't be read and is left out")
            else:
                found.update(settings)
        return {**found, **self._filled(self.service.environment_values)}

    def _filled(self, pairs: Iterable[tuple[str, str | None]]) -> dict[str, str]:
        """With the values that come from the host, or from the `.env` beside the compose file."""
        found: dict[str, str] = {}
        missing: list[str] = []
        outside = {**(self._environment_file(".env") or {}), **self.host}
        for name, given in pairs:
            value = outside.get(name) if given is None and name not in _OF_THE_HOST else given
            if value is None:
                missing.append(name)
            else:
                found[name] = value
        if missing:
            self.notes.append(f"not set, because the host's environment has no value: {', '.join(missing)}")
        return found

    def _environment_file(self, name: str) -> dict[str, str] | None:
        state = stamp(self.folder / name, self.root)
        text = read_stamped(state) if state is not None else None
        return None if text is None else read_environment(text)
