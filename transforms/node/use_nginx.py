"""Serve a static site with nginx in place of a server that runs on Node.

What it does: with `--runtime nginx`, a runtime stage that only serves a folder of files (`serve -s dist`,
`http-server dist`, `vite preview`) becomes one on nginx without root. The port stays, and so does what an unknown path
gets: the start page of a single-page application, or an error.
Why: the image holds nothing but nginx and the files.
Left alone: every file without `--runtime nginx`.
Refused: a start that does more than serve one folder, options of the server that nginx would have to copy, a health
check, which may need programs of the Node image.
Safety: unsafe, and `--runtime nginx` says the same: another server answers, with other headers.
Source: https://hub.docker.com/r/nginxinc/nginx-unprivileged
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from dockerslim.dockerfile import Edit, Span, Stage
from dockerslim.dockerfile.layout import cased
from dockerslim.engine.transform import Case, Example, Fix, Options, Skip, Transform, Unchanged
from dockerslim.paths import is_within
from dockerslim.split.moving import Block, blocks
from dockerslim.split.node.install import read_install
from dockerslim.split.node.start import node_start, service_commands
from dockerslim.split.node.static_site import StaticSite, static_site
from dockerslim.split.refused import Refused
from dockerslim.split.start import Start, start_of
from dockerslim.split.templates import render

IMAGE = "nginxinc/nginx-unprivileged:stable-alpine"
KEPT = frozenset({"EXPOSE", "LABEL", "MAINTAINER"})
NGINX = Options(runtime="nginx")
FILES = {"package.json": '{"scripts": {"build": "vite build"}, "devDependencies": {"vite": "7.0.0"}}\n'}
BUILD = "FROM node:22 AS build\nWORKDIR /app\nCOPY . .\nRUN npm install && npm run build\n\n"
RUNTIME = (
    "FROM node:22-slim\nWORKDIR /app\nRUN npm install -g serve\nCOPY --from=build /app/dist ./dist/\nEXPOSE 3000\n"
)

transform = Transform(
    id="use-nginx",
    title="Serve a static site with nginx",
    languages=frozenset({"node"}),
    after=frozenset({"node/split-stages", "node/replace-runtime-image"}),
    changes=frozenset(
        {"CMD", "ENTRYPOINT", "USER", "WORKDIR", "STOPSIGNAL", "EXPOSE", "ENV", "ENV PATH", "ENV NODE_VERSION"}
    ),
    examples=(
        Example(
            "a single-page application",
            BUILD + RUNTIME + 'CMD ["serve", "-s", "dist"]\n',
            BUILD + f"FROM {IMAGE}\nCOPY --from=build /app/dist /usr/share/nginx/html\n"
            "COPY <<'EOF' /etc/nginx/conf.d/default.conf\nserver {\n    listen 3000;\n    root /usr/share/nginx/html;\n"
            "    location / {\n        try_files $uri $uri/ /index.html;\n    }\n}\nEOF\nEXPOSE 3000\n",
            FILES,
            options=NGINX,
        ),
        Unchanged("nobody asked for nginx", BUILD + RUNTIME + 'CMD ["serve", "-s", "dist"]\n', context=FILES),
        Unchanged(
            "a program of its own",
            BUILD + RUNTIME + 'CMD ["node", "server.js"]\n',
            reason="the image does more than serve one folder of files",
            context={**FILES, "server.js": ""},
            options=NGINX,
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class NginxStage:
    """What fills templates/node/nginx_stage.dockerfile.jinja; `folder` is a path of the build stage."""

    image: str
    name: str | None
    build: str
    folder: str
    port: int
    single: bool
    clean: bool
    blocks: Sequence[Block]


@transform.plan
def plan(case: Case) -> Iterator[Fix | Skip]:
    stage = case.stage
    image = case.states[stage.index].final.image
    start = start_of(case, stage)
    if case.options.runtime != "nginx" or image is None or image.family != "node" or start is None:
        return
    try:
        yield _fix(case, stage, start)
    except Refused as refused:
        yield Skip(refused.span, refused.reason, refused.help)


def _fix(case: Case, stage: Stage, start: Start) -> Fix:
    site, build, folder = _site(case, stage, start)
    kept = [instruction for instruction in stage.instructions if instruction.keyword in KEPT]
    facts = NginxStage(
        IMAGE,
        stage.name,
        build,
        folder,
        site.port,
        site.single,
        site.clean,
        blocks(case, stage, kept, ()),
    )
    last = (stage.from_, *stage.instructions)[-1]
    place = Span(stage.from_.span.start, case.dockerfile.lines.line_end(last.span.end))
    text = cased(render("node/nginx_stage.dockerfile.jinja", facts), case.dockerfile)
    if not case.dockerfile.text[: place.end].endswith("\n"):
        text = text.removesuffix("\n")
    return Fix(
        (Edit(place, text),),
        why=f"the image holds the files and nginx: it is {IMAGE}",
        place=start.span,
        caution="another server answers now, with other headers",
    )


def _site(case: Case, stage: Stage, start: Start) -> tuple[StaticSite, str, str]:
    """What is served, and from which stage and folder of it. Raises Refused where that isn't known."""
    node = node_start(case, stage, start)
    state = case.states[stage.index].final
    site = static_site(node, state.env.get("PORT")) if node is not None else None
    if node is None or site is None or service_commands(case, node.project, node.folder):
        raise Refused(
            start.span,
            "the image does more than serve one folder of files",
            "leave `--runtime nginx` out, or start `serve -s` with the folder",
        )
    for instruction in stage.instructions:
        installs_server = instruction.keyword == "RUN" and all(
            (install := read_install(command.inner().known_arguments())) is not None and install.is_global
            for command in case.script(instruction).commands
        )
        if instruction.keyword in ("HEALTHCHECK", "VOLUME", "ONBUILD") or (
            instruction.keyword == "RUN" and not installs_server
        ):
            raise Refused(
                instruction.span,
                f"what {instruction.keyword} needs may not be in nginx's image",
                "take the line out of the last stage, or leave `--runtime nginx` out",
            )
    target = posixpath.join(node.folder, site.folder)
    for placement in reversed(case.files(stage).placements):
        inside = is_within(target, placement.target)
        if inside and placement.stage is not None:
            rest = target[len(placement.target.rstrip("/")) :].lstrip("/")
            return site, placement.stage, posixpath.join(placement.source, rest).rstrip("/")
    raise Refused(start.span, f"`{site.folder}` is not copied from a build stage", "build it in a stage of its own")
