"""What must change hands so that a user who isn't root owns what the program writes."""

from __future__ import annotations

import posixpath
from collections.abc import Collection
from dataclasses import dataclass

from dockerslim.case import Case
from dockerslim.dockerfile import Edit, Span, Stage
from dockerslim.dockerfile.layout import insert_below
from dockerslim.split.filled_folders import filled_folders
from dockerslim.split.needs_root import instructions_of
from dockerslim.split.order import UNQUOTED
from dockerslim.split.running import RunningProgram

WRITABLE_BY_ALL = ("/tmp", "/dev/", "/var/tmp", "/proc")
SYSTEM_FOLDERS = frozenset(
    "/ /bin /boot /etc /home /lib /lib64 /media /mnt /opt /root /run /sbin /srv /sys /usr /usr/bin /usr/games "
    "/usr/include /usr/lib /usr/local /usr/local/bin /usr/local/lib /usr/local/sbin /usr/local/share /usr/sbin "
    "/usr/share /usr/src /var /var/cache /var/lib /var/lock /var/log /var/run /var/spool".split()
)
"""Folders of the distribution, which are nobody's to give away and which a WORKDIR does not make."""
SYSTEM_PREFIXES = ("/bin/", "/boot/", "/etc/", "/lib/", "/root/", "/sbin/", "/sys/", "/usr/bin/", "/usr/lib/")


@dataclass(frozen=True, slots=True)
class Ownership:
    """`edits` and the shell `command` give files away; `risk` is set where that isn't enough."""

    edits: tuple[Edit, ...] = ()
    command: str = ""
    risk: str = ""


def plan_ownership(
    case: Case, stage: Stage, owner: str, program: RunningProgram | None, *, workdir_is_users: bool
) -> Ownership:
    """How `owner` (`1000:1000`) comes to own what the program writes.

    `workdir_is_users`: the stage's WORKDIR makes its folder for the user, as in a distroless `nonroot` image.
    """
    if program is None:
        return Ownership(risk="what the program writes is not known")
    folders, files = _written(case, stage, program)
    state = case.states[stage.index].final
    if state.image is None or state.image.has_tmp is not False:
        folders = {folder for folder in folders if not folder.startswith(WRITABLE_BY_ALL)}
    if state.image is not None and state.image.has_shell:
        apart = filled_folders(case, stage, folders, {folder.rstrip("/") for folder in program.filled})
        if apart is None:
            return _owned_by_shell(folders, files, owner, state.workdir or "/")
        here = _owned_by_shell(folders - set(apart.folders), files, owner, state.workdir or "/")
        there = _owned_by_shell(apart.sources, (), owner, case.states[apart.origin.index].final.workdir or "/")
        edit = insert_below(case.dockerfile, apart.origin, apart.last, f"RUN {there.command}\n")
        return Ownership((*here.edits, edit), here.command, here.risk or there.risk)
    return _owned_by_copy(case, stage, folders | files, owner, workdir_is_users=workdir_is_users)


def _written(case: Case, stage: Stage, program: RunningProgram) -> tuple[set[str], set[str]]:
    """The folders that must be the user's, and the files that are there already."""
    folders: set[str] = set()
    files: set[str] = set()
    for path in program.written:
        if path.endswith("/"):
            folders.add(path.rstrip("/") or "/")
            continue
        kind = _kind_in_context(case, stage, path)
        if kind == "folder":
            folders.add(path)
            continue
        folders.add(posixpath.dirname(path))
        if kind == "file":
            files.add(path)
    return folders, files


def _kind_in_context(case: Case, stage: Stage, path: str) -> str:
    """Is an image path "file" or "folder" of the build context, copied here or by way of another stage? Else ""."""
    files = case.files(stage)
    source = files.context_path(path)
    if source is not None and case.context is not None:
        if case.context.is_file(source):
            return "file"
        if case.context.is_folder(source):
            return "folder"
    for placement in files.placements:
        origin = case.dockerfile.stage_named(placement.stage, stage.index) if placement.stage else None
        if origin is None:
            continue
        if placement.target == path:
            return _kind_in_context(case, origin, placement.source) or ("folder" if placement.is_folder else "file")
        prefix = placement.target.rstrip("/") + "/"
        if placement.is_folder and path.startswith(prefix):
            found = _kind_in_context(case, origin, posixpath.join(placement.source, path[len(prefix) :]))
            if found:
                return found
    return ""


# --- in an image with a shell


def _owned_by_shell(folders: Collection[str], files: Collection[str], owner: str, workdir: str) -> Ownership:
    system = sorted(f for f in folders if f in SYSTEM_FOLDERS or f.startswith(SYSTEM_PREFIXES))
    if system:
        return Ownership(risk=f"the program writes into `{system[0]}`")
    whole = sorted(set(folders) - {workdir})
    whole = [f for f in whole if not any(f != other and f.startswith(other + "/") for other in whole)]
    single = [workdir] if workdir in folders else []
    single += [f for f in sorted(files) if not any(f.startswith(folder + "/") for folder in whole)]
    odd = next((path for path in (*whole, *single) if not _is_plain(_shown(path, workdir))), None)
    if odd is not None:
        return Ownership(risk=f"the program writes into `{odd}`, a name that means something else to a shell")
    parts = []
    if whole:
        shown = " ".join(_shown(folder, workdir) for folder in whole)
        parts.append(f"mkdir -p {shown} && chown -R {owner} {shown}")
    if single:
        parts.append(f"chown {owner} " + " ".join(_shown(path, workdir) for path in single))
    return Ownership(command=" && ".join(parts))


def _is_plain(path: str) -> bool:
    return set(path) <= UNQUOTED and not path.startswith("-")


def _shown(path: str, workdir: str) -> str:
    is_inside = path == workdir or path.startswith(workdir.rstrip("/") + "/")
    return posixpath.relpath(path, workdir) if is_inside else path


# --- in an image without one


def _owned_by_copy(
    case: Case, stage: Stage, paths: Collection[str], owner: str, *, workdir_is_users: bool
) -> Ownership:
    """Only a COPY gives a file away there."""
    workdir = case.states[stage.index].final.workdir or "/"
    edits: dict[int, Edit] = {}
    for path in sorted(paths):
        carrier = next((p for p in case.files(stage).placements if p.target.rstrip("/") == path), None)
        if carrier is not None and path != workdir:
            given = carrier.instruction.flag_value("chown")
            if given is not None and given != owner:
                return Ownership(risk=f"`{path}`, which the program writes, is given to `{given}`")
            if given is None:
                place = carrier.instruction.words[0].span.start
                edits[place] = Edit(Span(place, place), f"--chown={owner} ")
        elif not (workdir_is_users and _may_be_made(case, stage, path, workdir)):
            return Ownership(risk=f"the program writes into `{path}`, which stays root's")
    return Ownership(tuple(edits.values()))


def _may_be_made(case: Case, stage: Stage, path: str, workdir: str) -> bool:
    """Is the path the work folder, or one below it that no COPY brings along as root's?"""
    while path.startswith(workdir.rstrip("/") + "/"):
        if _is_brought(case, stage, path):
            return False
        path = posixpath.dirname(path)
    return path == workdir


def _is_brought(case: Case, stage: Stage, path: str) -> bool:
    targets = (placement.target.rstrip("/") for placement in case.files(stage).placements)
    if any(target == path or target.startswith(path + "/") for target in targets):
        return True
    return _kind_in_context(case, stage, path) != "" or _may_come_from_a_run(case, stage, path)


def _may_come_from_a_run(case: Case, stage: Stage, path: str) -> bool:
    """Does a RUN of a stage that a folder is copied from name such a path?"""
    name = posixpath.basename(path)
    for placement in case.files(stage).placements:
        origin = case.dockerfile.stage_named(placement.stage, stage.index) if placement.stage else None
        if origin is None or not placement.is_folder or not path.startswith(placement.target.rstrip("/") + "/"):
            continue
        runs = (i for i in instructions_of(case, origin) if i.keyword == "RUN")
        if any(name in case.script(run).source.text for run in runs):
            return True
    return False
