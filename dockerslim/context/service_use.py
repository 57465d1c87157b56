"""Which services of the compose files in a folder run a Dockerfile's image."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from dockerslim.context.compose import (
    COMPOSE_NAME,
    PRIMARY_NAME,
    Build,
    Command,
    Mount,
    Service,
    read_compose,
)
from dockerslim.context.evidence import Evidence
from dockerslim.context.repository import DockerfilePlace, absolute
from dockerslim.context.text_file import read_stamped, stamp

COMPOSE_FILES_LIMIT = 50
"""Compose files of one folder that are read."""

_REMOTE = re.compile(r"[a-z+]+://|git@|github\.com/", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ServiceUse:
    """A compose service that runs the Dockerfile's image, or what a hosting platform's settings run in it.

    What isn't said is None or empty.
    """

    file: str
    """POSIX path relative to the root of the usage."""
    service: str
    line: int
    context: Path
    target: str | None = None
    command: Command | None = None
    entrypoint: Command | None = None
    volumes: tuple[Mount, ...] = ()
    user: str | None = None
    healthcheck: Command | None = None
    environment: tuple[str, ...] = ()
    """Names of the variables that are set."""
    develop_watch: bool = False
    working_dir: str | None = None
    build_arguments: tuple[tuple[str, str | None], ...] = ()
    environment_values: tuple[tuple[str, str | None], ...] = ()
    """Name and value of each variable; no value where it comes from the host's environment."""
    environment_files: tuple[str, ...] = ()
    """As written: relative to the folder of `file`."""
    is_platforms: bool = False
    """Is it said by the settings of a hosting platform? They don't say how the image is built."""

    @property
    def evidence(self) -> Evidence:
        return Evidence(self.file, self.line, f"service {self.service}")


def service_uses(folder: Path, place: DockerfilePlace) -> tuple[list[ServiceUse], list[Evidence]]:
    """The services of a folder's compose files that run the image, and files that can't be read and may say more."""
    faults: list[Evidence] = []
    apart: list[Evidence] = []
    files: list[tuple[str, tuple[Service, ...]]] = []
    settings = stamp(folder / ".env", place.top)
    for path in _compose_files(folder):
        state = stamp(path, place.top)
        if state is None:
            continue
        file = read_compose(state, settings)
        if file.problem is not None:
            fault = Evidence(place.shown(path), file.problem_line, file.problem)
            (faults if _may_name(read_stamped(state), folder, place) else apart).append(fault)
        files.append((path, file.services))
    primary = {
        service.name: service.build
        for path, services in files
        if PRIMARY_NAME.fullmatch(Path(path).name)
        for service in services
        if service.build
    }
    built: list[ServiceUse] = []
    others: list[tuple[str, Service]] = []
    for path, services in files:
        for service in services:
            if service.build is None:
                others.append((path, service))
                continue
            build = _completed(service.build, primary.get(service.name))
            context = _context_of(folder, build, place)
            if context is not None:
                built.append(_use(place.shown(path), service, context, build))
    if not built:
        return [], faults
    # Files of one folder add to each other's services, whatever they name.
    return built + _uses_without_build(built, others, files, primary, place), faults + apart


def _may_name(text: str | None, folder: Path, place: DockerfilePlace) -> bool:
    """May a compose file that can't be read build the Dockerfile? Its text must have what a path to it is made of."""
    own = place.dockerfile.parent
    if text is None or folder == own:
        return True
    if own not in folder.parents and own.name not in text:
        return False
    return folder in own.parents or ".." in text or str(own) in text


def _uses_without_build(
    built: list[ServiceUse],
    others: list[tuple[str, Service]],
    files: list[tuple[str, tuple[Service, ...]]],
    primary: dict[str, Build],
    place: DockerfilePlace,
) -> list[ServiceUse]:
    """Overrides of the services that build the image, and services that run it by the name it is given."""
    by_name = {use.service: use for use in reversed(built)}
    images = {place.shown(path): _images(services) for path, services in files}
    first_named: dict[str, str] = {}
    for of_services in images.values():
        first_named = of_services | first_named
    builders = [(use.file, use) for use in built]
    builders += [(place.shown(path), by_name[service.name]) for path, service in others if service.name in by_name]
    # Two services may give one name to different targets.
    by_image: dict[str, dict[tuple[Path, str | None], ServiceUse]] = {}
    for file, use in builders:
        image = images[file].get(use.service)
        if image is not None:
            by_image.setdefault(image, {}).setdefault((use.context, use.target), use)
    found: list[ServiceUse] = []
    for path, service in others:
        file, bases = place.shown(path), list[ServiceUse]()
        if service.name in by_name:
            # An override says nothing of the build and changes how the service runs all the same.
            bases = [by_name[service.name]]
        elif service.name not in primary:
            image = images[file].get(service.name) or first_named.get(service.name, "")
            bases = [*by_image.get(image, {}).values()]
        found += [_use(file, service, base.context, Build(None, target=base.target)) for base in bases]
    return found


def _images(services: tuple[Service, ...]) -> dict[str, str]:
    """The image that each service of a compose file names, in one way of writing."""
    return {service.name: service.image.removesuffix(":latest") for service in services if service.image}


def _context_of(folder: Path, build: Build, place: DockerfilePlace) -> Path | None:
    """The build context, if the build is of the Dockerfile that is looked for."""
    if build.is_inline:
        return None
    paths = _build_paths(str(folder), build.context or ".", build.dockerfile or "Dockerfile")
    return Path(paths[0]) if paths and place.is_dockerfile(paths[1]) else None


@lru_cache(maxsize=65_536)
def _build_paths(folder: str, context: str, dockerfile: str) -> tuple[str, str] | None:
    """The paths of a build's context and Dockerfile; None where they aren't here or depend on a variable."""
    local_context, local_dockerfile = _without_variables(context), _without_variables(dockerfile)
    if local_context is None or local_dockerfile is None or _REMOTE.match(context):
        return None
    path = absolute(Path(folder, local_context))
    return str(path), str(absolute(path / local_dockerfile))


def _use(file: str, service: Service, context: Path, build: Build) -> ServiceUse:
    return ServiceUse(
        file=file,
        service=service.name,
        line=service.line,
        context=context,
        target=build.target,
        command=service.command,
        entrypoint=service.entrypoint,
        volumes=service.volumes,
        user=service.user,
        healthcheck=service.healthcheck,
        environment=service.environment,
        develop_watch=service.develop_watch,
        working_dir=service.working_dir,
        build_arguments=build.arguments,
        environment_values=service.environment_values,
        environment_files=service.environment_files,
    )


def _completed(build: Build, base: Build | None) -> Build:
    """The build of an override, which takes what it doesn't say from the file that it overrides."""
    if base is None or build.context is not None:
        return build
    return Build(
        context=base.context,
        dockerfile=build.dockerfile or base.dockerfile,
        target=build.target or base.target,
        arguments=build.arguments or base.arguments,
        is_inline=build.is_inline or base.is_inline,
    )


def _without_variables(path: str) -> str | None:
    """The path with the working folder's variable replaced; None where another is left."""
    path = path.replace("${PWD}", ".").replace("$PWD", ".")
    return None if "$" in path else path


def _compose_files(folder: Path) -> tuple[str, ...]:
    try:
        modified = os.stat(folder).st_mtime_ns  # noqa: PTH116 (called for very many folders)
    except (OSError, ValueError):
        return ()
    return _listed_compose_files(str(folder), modified)


@lru_cache(maxsize=16_384)
def _listed_compose_files(folder: str, modified: int) -> tuple[str, ...]:
    """Compose files, the one that others override first. A folder's time changes when a file is added."""
    try:
        names = [name for name in os.listdir(folder) if COMPOSE_NAME.fullmatch(name)]  # noqa: PTH208
    except OSError:
        return ()
    names.sort(key=lambda name: (PRIMARY_NAME.fullmatch(name) is None, name))
    return tuple(os.path.join(folder, name) for name in names[:COMPOSE_FILES_LIMIT])  # noqa: PTH118
