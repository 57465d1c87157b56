"""Install a project's dependencies before its source is copied.

What it does: copies package.json, the lock file and whatever else the install reads, installs, then copies the source.
With a lock file that agrees with package.json, `npm install` becomes `npm ci` on that occasion. A COPY that names the
manifests beside other files is divided.
Why: a change of source no longer installs the dependencies again.
Left alone: manifests that are copied before the source already.
Refused: an install that needs the source (a script of the project runs during it), a command between the source and the
install that may need the source, a COPY that could lay a host's node_modules over the installed one.
Safety: safe. The same dependencies are installed, earlier. The line of .dockerignore that keeps a host's node_modules
out of the image comes with it.
Source: https://docs.npmjs.com/cli/commands/npm-ci
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from dockerslim.context.dockerignore import IgnoreFile
from dockerslim.dockerfile import Edit, Span, Stage
from dockerslim.dockerfile.layout import cased, insert_after, remove_all
from dockerslim.engine.transform import Case, Example, Fix, Skip, Transform, Unchanged
from dockerslim.split.manifest_lines import ManifestLines, manifest_lines
from dockerslim.split.node.npm_ci import frozen_verb
from dockerslim.split.node.order import NodeReordering, find_reordering
from dockerslim.split.node.stage import install_commands, is_node_stage, project_at
from dockerslim.split.order import UNQUOTED, folder_as_written, gap_above, laid_at, moved_text
from dockerslim.split.refused import Refused

NODE_MODULES = "**/node_modules"

LOCK = (
    '{"lockfileVersion": 3, "packages": {"": {"dependencies": {"ms": "^2.1.3"}},'
    ' "node_modules/ms": {"version": "2.1.3"}}}\n'
)
CONTEXT = {
    "package.json": '{"dependencies": {"ms": "^2.1.3"}}\n',
    "package-lock.json": LOCK,
    "server.js": "require('ms')\n",
}
BEFORE = 'FROM node:20-slim\nWORKDIR /app\n{}\nCMD ["node", "server.js"]\n'

transform = Transform(
    id="copy-dependencies-first",
    title="Install Node packages before the source is copied",
    languages=frozenset({"node"}),
    examples=(
        Example(
            "one COPY for all",
            BEFORE.format("COPY . .\nRUN npm install"),
            BEFORE.format("COPY package.json package-lock.json ./\nRUN npm ci\nCOPY . ."),
            CONTEXT,
            ("**/node_modules",),
        ),
        Example(
            "install and build in one RUN, no lock file",
            BEFORE.format("COPY . .\nRUN npm install && npm run build"),
            BEFORE.format("COPY package.json ./\nRUN npm install\nCOPY . .\nRUN npm run build"),
            {"package.json": '{"scripts": {"build": "tsc"}}\n', "index.ts": "", ".dockerignore": "node_modules\n"},
            ("**/node_modules",),
        ),
        Unchanged(
            "copied apart already",
            BEFORE.format("COPY package*.json ./\nRUN npm install\nCOPY . ."),
            context=CONTEXT,
        ),
        Unchanged(
            "the install runs a script of the project",
            BEFORE.format("COPY . .\nRUN npm ci"),
            reason="the script `postinstall` of package.json runs `sh make.sh`",
            context={"package.json": '{"scripts": {"postinstall": "sh make.sh"}}\n', "make.sh": "", "server.js": ""},
        ),
        Unchanged(
            "a command between that may need the source",
            BEFORE.format("COPY . .\nRUN ./prepare.sh\nRUN npm ci"),
            reason="`./prepare.sh` runs between the source's COPY and the install, and may need the source",
            context=CONTEXT,
        ),
    ),
)


@transform.plan
def plan(case: Case) -> Iterator[Fix | Skip]:
    if case.context is None:
        return
    for stage in case.dockerfile.stages:
        if not is_node_stage(case, stage):
            continue
        try:
            found = find_reordering(case, stage)
            if found is not None:
                yield _fix(case, stage, found)
            else:
                yield from _late_lock(case, stage)
        except Refused as refused:
            yield Skip(refused.span, refused.reason, refused.help, refused.note)


def _fix(case: Case, stage: Stage, found: NodeReordering) -> Fix:
    lines = _manifest_lines(case, stage, found)
    if lines is None:
        raise Refused(
            found.moving[0].span,
            "where package.json lands can't be told",
            "copy package.json and the lock file in a COPY of their own, above the install",
        )
    ignore_lines = _ignore_lines(case, stage, found)
    return Fix(
        tuple(_edits(case, found, lines)),
        why="a change of source no longer installs the dependencies again",
        ignore_lines=ignore_lines,
        place=found.moving[0].span,
    )


def _manifest_lines(case: Case, stage: Stage, found: NodeReordering) -> ManifestLines | None:
    place = found.install.instruction
    lines = manifest_lines(case, stage, place, found.files, found.copies)
    if lines is None:
        return None
    text = lines.text
    workdir = case.state(place).workdir
    for folder in found.folders:
        placements = [p for p in case.files(stage).placements if p.instruction in found.copies]
        target = next((at for p in reversed(placements) if (at := laid_at(p, folder)) is not None), None)
        target = target or next((p.target for p in placements if p.source == folder and p.is_folder), None)
        if target is None or not set(folder + target) <= UNQUOTED:
            return None
        text += f"COPY {folder} {folder_as_written(target, workdir)}\n"
    return ManifestLines(text, lines.taken)


def _edits(case: Case, found: NodeReordering, lines: ManifestLines) -> Iterator[Edit]:
    """The source's COPYs go below the install, the manifests directly above it, below its comments."""
    dockerfile = case.dockerfile
    install = found.install.instruction
    yield from remove_all(dockerfile, found.moving)
    start = dockerfile.lines.line_start(install.span.start)
    yield Edit(Span(start, start), cased(lines.text, dockerfile))
    yield from frozen_verb(case, found)
    gap = gap_above(dockerfile, found.moving[0], install)
    text = gap + moved_text(dockerfile, found.moving, lines.taken)
    if found.rest is not None:
        rest = dockerfile.text[found.rest.end : install.span.end].replace("\r\n", "\n")
        keyword = install.keyword_span.cut(dockerfile.text)
        yield Edit(Span(found.rest.start, install.span.end), "")
        text += f"{gap}{keyword} {rest}\n"
    yield insert_after(dockerfile, found.last, text)


def _ignore_lines(case: Case, stage: Stage, found: NodeReordering) -> tuple[str, ...]:
    """What .dockerignore must say so that the later COPY lays no node_modules of the host over the installed ones."""
    assert case.context is not None
    ignore = IgnoreFile.parse(case.context.ignore_text or "")
    folders = (found.project.folder, *found.project.workspaces)
    paths = [posixpath.join(folder, "node_modules") for folder in folders]
    placements = [p for p in case.files(stage).placements if p.instruction in found.copies]
    carried = [path for path in paths if any(p.is_folder and laid_at(p, path) for p in placements)]
    named = next((p for p in case.files(stage).placements if p.stage is None and "node_modules" in p.source), None)
    if named is not None:
        raise Refused(
            named.instruction.span,
            "a COPY lays node_modules of the build context into the image",
            "install what is needed in the image instead",
        )
    shown = next((rule for rule in ignore.rules if rule.shows and "node_modules" in rule.pattern.split("/")), None)
    if shown is not None and carried:
        raise Refused(
            found.moving[0].span,
            f"`{shown.text}` in .dockerignore brings back packages of the host",
            "install what is needed in the image instead",
        )
    if all(ignore.hides(path) for path in carried):
        return ()
    if not case.options.can_write_ignore or NODE_MODULES in case.options.refused_ignore_lines:
        raise Refused(
            found.moving[0].span,
            "the source's COPY could lay a host's node_modules over the installed ones",
            f"write `{NODE_MODULES}` in .dockerignore",
        )
    return (NODE_MODULES,)


def _late_lock(case: Case, stage: Stage) -> Iterator[Skip]:
    """A lock file that is copied after the install decides nothing: adding it would change versions."""
    command = next((c for c in install_commands(case, stage) if c.install.of_project), None)
    if command is None or command.folder is None or command.install.program != "npm":
        return
    project = project_at(case, stage, command.folder, command.instruction)
    lock = project.lock_file_of("npm") if project is not None else None
    if lock is None or project is None or command.install.option(("--no-package-lock",)) is not None:
        return
    above = [p for p in case.files(stage).placements if p.instruction.span.start < command.instruction.span.start]
    if any(laid_at(placement, lock) for placement in above):
        return
    yield Skip(
        command.instruction.span,
        f"`{posixpath.basename(lock)}` is not copied before the install, which takes the newest versions",
        help=f"copy `{posixpath.basename(lock)}` with package.json, and install with `npm ci`",
    )
