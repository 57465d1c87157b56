"""Build a front end and a server at the same time, each in a stage of its own.

What it does: where one stage installs Node.js, builds a front end and then compiles a server, the front end gets a
stage of its own on the image of the same Node.js; the server's stage copies what it makes.
Why: BuildKit builds stages that don't need each other at the same time, a change of one doesn't build the other again,
and neither Node.js nor its packages are where the server is built.
Left alone: front ends that have a stage already; a stage that is a Node.js image.
Refused: a build whose output folder isn't known, a RUN that does both, Node.js that is used later on, a version of it
that isn't known.
Safety: safe. The same scripts run on the same major version of Node.js, and their output lies where it lay.
Source: https://docs.docker.com/build/building/multi-stage/
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from typing import TYPE_CHECKING

from dockerslim.dockerfile import Edit, Instruction, Stage
from dockerslim.dockerfile.layout import (
    block_text,
    insert_after,
    insert_before,
    instruction_text,
    remove,
    remove_all,
)
from dockerslim.engine.transform import Case, Example, Fix, Skip, Transform, Unchanged
from dockerslim.split.moving import free_stage_name
from dockerslim.split.order import UNQUOTED, folder_as_written
from dockerslim.split.refused import Refused

if TYPE_CHECKING:
    from dockerslim.split.front_end import FrontEnd

LANGUAGES = frozenset({"go"})
"""Whose stages are looked at: those of compiled servers, which need nothing of Node.js when they run."""
SERVER_ONLY = frozenset(
    "GOTOOLCHAIN GOPROXY GOPRIVATE GONOPROXY GONOSUMDB GOSUMDB GOFLAGS GOEXPERIMENT GOOS GOARCH GOARM GOPATH GOMODCACHE"
    " GOCACHE GOBIN GO111MODULE GOINSECURE CGO_ENABLED CGO_CFLAGS CGO_LDFLAGS CC CXX".split()
)
"""Variables that mean nothing to a front end."""

CONTEXT = {
    "go.mod": "module example.com/shop\n\ngo 1.23\n",
    "main.go": "package main\n\nfunc main() {}\n",
    "web/package.json": '{"scripts": {"build": "vite build"}, "devDependencies": {"vite": "5.0.0"}}\n',
    "web/index.html": "",
}
BEFORE = (
    "FROM golang:1.23-bookworm\nRUN apt-get update && apt-get install -y nodejs npm\nWORKDIR /src\nCOPY . .\n"
    "RUN cd web && npm install && npm run build\nRUN go build -o shop .\n"
)

transform = Transform(
    id="build-in-parallel",
    title="Build the front end beside the server",
    examples=(
        Example(
            "a front end in a folder of its own",
            BEFORE + 'CMD ["./shop"]\n',
            "FROM node:18 AS web\nWORKDIR /src/web\nCOPY web ./\nRUN npm install && npm run build\n\n"
            "FROM golang:1.23-bookworm\nWORKDIR /src\nCOPY . .\nCOPY --from=web /src/web/dist ./web/dist/\n"
            'RUN go build -o shop .\nCMD ["./shop"]\n',
            CONTEXT,
        ),
        Unchanged(
            "Node.js is used later on",
            BEFORE + 'CMD ["node", "web/check.js"]\n',
            reason="Node.js is needed below the build of the front end",
            context=CONTEXT,
        ),
        Unchanged(
            "no front end",
            'FROM golang:1.23\nWORKDIR /src\nCOPY . .\nRUN go build -o shop .\nCMD ["./shop"]\n',
            context=CONTEXT,
        ),
    ),
)


@transform.plan
def plan(case: Case) -> Iterator[Fix | Skip]:
    for stage in case.dockerfile.stages:
        image = case.states[stage.index].final.image
        if image is None or image.language not in LANGUAGES or case.context is None:
            continue
        from dockerslim.split.front_end import find_front_end

        try:
            found = find_front_end(case, stage)
            if found is not None and stage.last("SHELL") is None and not stage.last("ONBUILD"):
                yield _fix(case, stage, found)
        except Refused as refused:
            yield Skip(refused.span, refused.reason, refused.help, refused.note)


def _fix(case: Case, stage: Stage, found: FrontEnd) -> Fix:
    for path in (found.folder, found.source, *found.outputs):
        if not set(path) <= UNQUOTED:
            raise Refused(found.builds[0].span, f"`{path}` is a name that COPY reads otherwise", "rename it")
    dockerfile = case.dockerfile
    name = free_stage_name(dockerfile, _stage_name(found))
    gone = [*found.installs, *found.builds[:-1]]
    edits = [insert_before(dockerfile, stage.from_, _front_end_stage(case, stage, found, name) + "\n")]
    edits.extend(remove_all(dockerfile, gone))
    last = found.builds[-1]
    workdir = case.state(last).workdir
    copies = "".join(f"COPY --from={name} {output} {folder_as_written(output, workdir)}\n" for output in found.outputs)
    edits.append(remove(dockerfile, last))
    edits.append(insert_after(dockerfile, last, copies))
    return Fix(tuple(edits), why="the front end and the server are built at the same time", place=last.span)


def _stage_name(found: FrontEnd) -> str:
    own = posixpath.basename(found.folder).lower()
    return own if own.replace("-", "").isalnum() and own[:1].isalpha() and found.source else "frontend"


def _front_end_stage(case: Case, stage: Stage, found: FrontEnd, name: str) -> str:
    first = found.builds[0]
    above = [i for i in stage.instructions if i.span.start < first.span.start]
    lines = [f"FROM {found.image} AS {name}\n"]
    lines.extend(
        instruction_text(case.dockerfile, i) for i in above if i.keyword in ("ARG", "ENV") and not _is_servers(i)
    )
    from dockerslim.split.front_end import reads_outside

    if reads_outside(case, found):
        # All that the author copied there: the build may read more than its own folder.
        lines.extend(instruction_text(case.dockerfile, i) for i in above if i.keyword in ("WORKDIR", "COPY", "ADD"))
        lines.append(f"WORKDIR {found.folder}\n" if case.state(first).workdir != found.folder else "")
    else:
        lines.append(f"WORKDIR {found.folder}\n")
        lines.append(f"COPY {found.source} ./\n")
    lines.extend(_build_text(case, build, found) for build in found.builds)
    return "".join(lines)


def _is_servers(instruction: Instruction) -> bool:
    return all(pair.key in SERVER_ONLY for pair in instruction.assignments)


def _build_text(case: Case, build: Instruction, found: FrontEnd) -> str:
    """The author's RUN; without the `cd` that leads to where the stage works already."""
    text = block_text(case.dockerfile, build)
    script = case.script(build)
    parts = script.parts
    first = script.commands[0] if script.commands else None
    words = first.known_arguments() if first is not None else ()
    if first is None or len(parts) < 2 or parts[0] is not first or words[:1] != ("cd",) or parts[1].operator != "&&":
        return text
    start = case.dockerfile.lines.line_start(build.block_start)
    cut = Edit(script.span(first.start, parts[1].start), "")
    # Up to the next command, whichever lines lie between.
    end = script.span(parts[1].start, parts[1].start + 1).start
    whole = case.dockerfile.text
    return (whole[start : cut.span.start] + whole[end : build.span.end]).replace("\r\n", "\n") + "\n"
