"""What must change hands so that a user who isn't root owns what the program writes."""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from dockerslim.case import Case
from dockerslim.dockerfile import Edit, Span, Stage
from dockerslim.dockerfile.layout import insert_below
from dockerslim.paths import is_below, is_within
from dockerslim.split.copied_folders import copied_folders
from dockerslim.split.filled_folders import filled_folders
from dockerslim.split.made_files import made_folders, made_links, makes_files
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
    links = made_links(case, stage)
    behind = next((f for f in sorted(folders) if (link := _link(f, links)) and links[link] is None), None)
    if behind is not None:
        return Ownership(risk=f"the program writes into `{behind}`, which is a link")
    folders = {_followed(folder, links) for folder in folders}
    state = case.states[stage.index].final
    if state.image is None or state.image.has_tmp is not False:
        folders = {folder for folder in folders if not folder.startswith(WRITABLE_BY_ALL)}
    if state.image is not None and state.image.has_shell:
        written = (path for path in program.written if posixpath.dirname(path) == state.workdir)
        names = [posixpath.basename(path) for path in written if not path.endswith("/")]
        apart = filled_folders(case, stage, folders, {folder.rstrip("/") for folder in program.filled})
        if apart is None:
            return _owned_by_shell(case, stage, folders, files, owner, names)
        here = _owned_by_shell(case, stage, folders - set(apart.folders), files, owner, names)
        there = _owned_by_shell(case, apart.origin, apart.sources, (), owner)
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


def _link(folder: str, links: Mapping[str, str | None]) -> str:
    """The link that a folder is, or lies behind; "" where there is none."""
    return next((link for link in links if is_within(folder, link)), "")


def _followed(folder: str, links: Mapping[str, str | None]) -> str:
    link = _link(folder, links)
    target = links.get(link)
    return folder if target is None else target + folder[len(link) :]


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


def _owned_by_shell(
    case: Case, stage: Stage, folders: Collection[str], files: Collection[str], owner: str, names: Collection[str] = ()
) -> Ownership:
    """`names` are those of the files that the program writes in the work folder."""
    workdir = case.states[stage.index].final.workdir or "/"
    system = sorted(f for f in folders if f in SYSTEM_FOLDERS or f.startswith(SYSTEM_PREFIXES))
    if system:
        return Ownership(risk=f"the program writes into `{system[0]}`")
    is_filled = workdir in folders and makes_files(case, stage, names)
    whole = sorted(set(folders) - (set() if is_filled else {workdir}))
    whole = [f for f in whole if not any(is_below(f, other) for other in whole)]
    single = [workdir] if workdir in folders and not is_filled else []
    single += [f for f in sorted(files) if not any(is_below(f, folder) for folder in whole)]
    odd = next((path for path in (*whole, *single) if not _is_plain(_shown(path, workdir))), None)
    if odd is not None:
        return Ownership(risk=f"the program writes into `{odd}`, a name that means something else to a shell")
    parts = []
    if whole:
        there_already = {workdir, *made_folders(case, stage), *copied_folders(case, stage)}
        missing = " ".join(_shown(folder, workdir) for folder in whole if folder not in there_already)
        parts.extend([f"mkdir -p {missing}"] if missing else [])
        parts.append(f"chown -R {owner} " + " ".join(_shown(folder, workdir) for folder in whole))
    if single:
        parts.append(f"chown {owner} " + " ".join(_shown(path, workdir) for path in single))
    return Ownership(command=" && ".join(parts))


def _is_plain(path: str) -> bool:
    return set(path) <= UNQUOTED and not path.startswith("-")


def _shown(path: str, workdir: str) -> str:
    is_inside = is_within(path, workdir)
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
    while is_below(path, workdir):
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
        if origin is None or not placement.is_folder or not is_below(path, placement.target):
            continue
        runs = (i for i in instructions_of(case, origin) if i.keyword == "RUN")
        if any(name in case.script(run).source.text for run in runs):
            return True
    return False
