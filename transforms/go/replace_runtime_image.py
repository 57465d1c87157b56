"""Run a Go program that is built in a stage of its own on an image without a toolchain or a whole distribution.

What it does: the last stage of a multi-stage file, where it is a full Debian, Ubuntu or Go image and holds nothing but
what is copied there, is built from distroless static instead; the program is built without cgo for it.
Why: the stage before has done all the building, so all that the big image adds is size and programs to attack.
Left alone: a last stage that runs commands, needs a shell or starts other programs; slim and Alpine images, which
somebody chose for what is in them.
Refused: a program that may need its C library. Reported: a `scratch` image that lacks the certificates or time zones
that the program asks for.
Safety: safe. The program is static, and its paths, variables and work folder stay.
Sources: https://github.com/GoogleContainerTools/distroless, https://pkg.go.dev/crypto/x509#SystemCertPool
"""

from __future__ import annotations

from collections.abc import Iterator

from dockerslim.dockerfile import Edit, Stage
from dockerslim.engine.transform import Case, Example, Fix, Skip, Transform, Unchanged
from dockerslim.images.runtime import distroless
from dockerslim.languages.go import ProgramFacts
from dockerslim.split.checks import check_use
from dockerslim.split.go.libc import links_libc, static_edits
from dockerslim.split.go.purpose import Built, read_stage
from dockerslim.split.go.running import DEVELOPMENT_SERVERS, built_program
from dockerslim.split.go.services import services_need_shell
from dockerslim.split.go.start import facts_of
from dockerslim.split.refused import Refused
from dockerslim.split.start import Start, start_of

CONTEXT = {"go.mod": "module example.com/app\n\ngo 1.23\n", "main.go": "package main\n\nfunc main() {}\n"}
HTTPS = {**CONTEXT, "main.go": 'package main\n\nimport "net/http"\n\nfunc main() { http.Get("https://go.dev") }\n'}
BUILD = "FROM golang:1.23 AS build\nWORKDIR /src\nCOPY . .\nRUN {}go build -o app .\n\n"
RUN = 'WORKDIR /app\nCOPY --from=build /src/app ./\nCMD ["./app"]\n'

transform = Transform(
    id="replace-runtime-image",
    title="Run the Go program on an image without a toolchain",
    languages=frozenset({"go"}),
    after=frozenset({"use-exec-form", "split-stages"}),
    changes=frozenset({"ENV SSL_CERT_FILE"}),
    examples=(
        Example(
            "the Go image once more",
            BUILD.format("") + "FROM golang:1.23\n" + RUN,
            BUILD.format("CGO_ENABLED=0 ") + "FROM gcr.io/distroless/static-debian13\n" + RUN,
            CONTEXT,
        ),
        Example(
            "a full Debian",
            BUILD.format("CGO_ENABLED=0 ") + "FROM debian:bookworm\n" + RUN,
            BUILD.format("CGO_ENABLED=0 ") + "FROM gcr.io/distroless/static-debian13\n" + RUN,
            CONTEXT,
        ),
        Unchanged("commands that need the distribution", BUILD.format("") + "FROM debian\nRUN x\n" + RUN, "", CONTEXT),
        Unchanged(
            "certificates are missing",
            BUILD.format("CGO_ENABLED=0 ") + "FROM scratch\n" + RUN,
            "`scratch` has no certificates, and the program may connect by TLS",
            HTTPS,
        ),
    ),
)

FULL = frozenset({"golang", "debian", "ubuntu", "buildpack-deps"})
"""Families of which a static program needs nothing."""
HOLDS_DATA = frozenset("COPY ADD ENV ARG WORKDIR USER EXPOSE LABEL MAINTAINER VOLUME STOPSIGNAL CMD ENTRYPOINT".split())
"""What a last stage may hold that needs nothing of its base."""


@transform.plan
def plan(case: Case) -> Iterator[Fix | Skip]:
    stage, states = case.stage, case.final
    image = states.final.image
    start = start_of(case, stage)
    if len(case.dockerfile.stages) < 2 or image is None or states.base_stage is not None or start is None:
        return
    found = _program(case, stage, start)
    if found is None:
        return
    origin, built = found
    if image.family == "scratch":
        yield from _reports(case, stage, facts_of(built))
        return
    if (
        image.family not in FULL
        or (image.variant not in (None, "full"))
        or not _needs_nothing(case, stage, start, built)
    ):
        return
    try:
        yield _fix(case, stage, origin, built)
    except Refused as refused:
        yield Skip(refused.span, refused.reason, refused.help, refused.note)


def _program(case: Case, stage: Stage, start: Start) -> tuple[Stage, Built] | None:
    """The program that the stage starts and the stage that builds it."""
    if start.words is None or not start.words or start.words[0] in DEVELOPMENT_SERVERS:
        return None
    built = built_program(case, stage, start.words[0])
    if built is None or built.package is None or built.instruction in stage.instructions:
        return None
    origin = next((s for s in case.dockerfile.stages if built.instruction in s.instructions), None)
    return (origin, built) if origin is not None else None


def _needs_nothing(case: Case, stage: Stage, start: Start, built: Built) -> bool:
    """Does the stage hold nothing but files and settings, and its program start no other?"""
    state, facts = case.final.final, facts_of(built)
    if any(i.keyword not in HOLDS_DATA for i in stage.instructions) or "WORKDIR" not in state.authored:
        return False
    if facts.programs or facts.unknown_programs or not facts.complete or facts.imports_plugin:
        return False
    user = (state.user or "").partition(":")[0]
    is_by_path = start.words is not None and "/" in start.words[0]
    return is_by_path and (not user or user.isdigit() or user == "root") and "PATH" not in str(state.authored)


def _fix(case: Case, stage: Stage, origin: Stage, built: Built) -> Fix:
    check_use(case, stage)
    found = read_stage(case, origin)
    if services_need_shell(case, stage, found) or any(service.healthcheck for service in case.usage.services):
        raise Refused(stage.from_.span, "a service runs other programs in this image", "change the image by hand")
    image = case.states[origin.index].final.image
    if links_libc(image, found, built):
        raise Refused(
            stage.from_.span,
            "the program may need the C library of this image",
            "build with CGO_ENABLED=0 where it can do without",
            str(built.project.cgo.evidence[0]) if built.project.cgo.evidence else "",
        )
    runtime = distroless("static", nonroot=False)
    edits = [Edit(stage.from_.words[0].span, runtime), *static_edits(case, image, [built])]
    return Fix(tuple(edits), why=f"all that `{stage.base}` adds is size: it is {runtime}", place=stage.from_.span)


def _reports(case: Case, stage: Stage, facts: ProgramFacts) -> Iterator[Skip]:
    text = " ".join(i.value for i in stage.all("COPY", "ADD", "ENV"))
    if facts.uses_tls and not any(sign in text.lower() for sign in ("cert", "ssl", "/etc", ".pem", ".crt")):
        yield Skip(
            stage.from_.span,
            "`scratch` has no certificates, and the program may connect by TLS",
            help="copy /etc/ssl/certs/ca-certificates.crt from the build stage, or use distroless static",
        )
    zones = facts.uses_timezones
    if zones and not facts.imports_tzdata and not any(sign in text for sign in ("zoneinfo", "/etc", "ZONEINFO")):
        yield Skip(
            stage.from_.span,
            f"`scratch` has no time zones, and the program loads one ({zones[0]})",
            help="import time/tzdata, copy /usr/share/zoneinfo, or use distroless static",
        )
