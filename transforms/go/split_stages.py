"""Build a Go program in one stage and run it in another, on the smallest image that can run it.

What it does: the stage becomes a build stage; a new stage below it holds the program, the files that it reads at run
time and everything that the author said of the image (ENV, EXPOSE, LABEL, HEALTHCHECK, CMD).
Why: the compiler, the source and the caches are needed once, and are most of the image.
Where it runs: without cgo on distroless static (certificates, time zones, no shell); with cgo on an image with the
same C library, no older than the build's; where a shell or a system package is needed, on the same distribution.
Paths and work folder stay as they were, so that other commands given to the image go on working.
Refused: a command whose effects are not known, a program that is not built here, a development server, a compose file
that mounts the source over the work folder.
Safety: safe for what is shown; anything that can't be shown is a refusal.
Sources: https://docs.docker.com/build/building/multi-stage/, https://github.com/GoogleContainerTools/distroless
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from dockerslim.dockerfile import Edit, Instruction, Span, Stage
from dockerslim.engine.transform import Case, Example, Fix, Skip, Transform, Unchanged
from dockerslim.images.runtime import RuntimeNeed, runtime_candidates
from dockerslim.languages.go import ProgramFacts
from dockerslim.languages.system_packages import Distribution, purpose
from dockerslim.split.go.purpose import Built, GoStage, read_stage
from dockerslim.split.go.running import DEVELOPMENT_SERVERS
from dockerslim.split.moving import Block, blocks, cut, free_stage_name
from dockerslim.split.start import Start, start_of
from dockerslim.split.templates import render

BUILD_VARIABLES = frozenset(
    "GOTOOLCHAIN GOPROXY GOPRIVATE GONOPROXY GONOSUMDB GOSUMDB GOFLAGS GOEXPERIMENT GOOS GOARCH GOARM GOPATH "
    "GOMODCACHE GOCACHE GOBIN GO111MODULE GOINSECURE GOROOT CGO_ENABLED CGO_CFLAGS CGO_LDFLAGS CGO_CXXFLAGS CC CXX "
    "DEBIAN_FRONTEND PKG_CONFIG_PATH".split()
)
"""Read by the go command only, or by installers. GODEBUG, GOGC, GOMAXPROCS and GOMEMLIMIT are read by the program."""
RUNTIME_VARIABLES = frozenset(
    "TZ GIN_MODE GODEBUG GOGC GOMAXPROCS GOMEMLIMIT GOTRACEBACK PORT HOST ADDR LOG_LEVEL".split()
)
"""Read by the program only."""
CONFIGURATION = (
    "ENV",
    "ARG",
    "EXPOSE",
    "LABEL",
    "MAINTAINER",
    "VOLUME",
    "HEALTHCHECK",
    "STOPSIGNAL",
    "CMD",
    "ENTRYPOINT",
)
STAYS_BELOW = frozenset({"EXPOSE", "LABEL", "MAINTAINER", "VOLUME", "HEALTHCHECK", "STOPSIGNAL", "CMD", "ENTRYPOINT"})
SOURCE_SUFFIXES = (".go", ".mod", ".sum", ".work", ".md", ".proto", ".dockerignore", ".gitignore", ".gitattributes")
SOURCE_NAMES = frozenset(
    "Makefile makefile Taskfile.yml LICENSE LICENCE .git .github .gitlab .gitlab-ci.yml .travis.yml .golangci.yml "
    ".golangci.yaml .editorconfig .air.toml .vscode .idea vendor docker-compose.yml docker-compose.yaml compose.yml "
    "compose.yaml skaffold.yaml cloudbuild.yaml Jenkinsfile .circleci".split()
)

MODULE = "module example.com/app\n\ngo 1.23\n"
SERVER = 'package main\n\nimport "net/http"\n\nfunc main() { http.ListenAndServe(":8080", nil) }\n'
CONTEXT = {"go.mod": MODULE, "main.go": SERVER}

transform = Transform(
    id="split-stages",
    title="Run the Go program in an image of its own",
    languages=frozenset({"go"}),
    after=frozenset({"copy-dependencies-first", "use-exec-form"}),
    changes=frozenset({"ENV PATH", *(f"ENV {name}" for name in BUILD_VARIABLES)}),
    examples=(
        Example(
            "a static program",
            'FROM golang:1.23\nWORKDIR /src\nCOPY . .\nRUN go build -o app .\nEXPOSE 8080\nCMD ["./app"]\n',
            "FROM golang:1.23 AS build\nWORKDIR /src\nCOPY . .\nRUN CGO_ENABLED=0 go build -o app .\n\n"
            "FROM gcr.io/distroless/static-debian13\nWORKDIR /src\nCOPY --from=build /src/app ./\n"
            'EXPOSE 8080\nCMD ["./app"]\n',
            CONTEXT,
        ),
        Unchanged(
            "a script that may write anything",
            'FROM golang:1.23\nWORKDIR /src\nCOPY . .\nRUN ./prepare.sh && go build -o app .\nCMD ["./app"]\n',
            reason="what `./prepare.sh` writes is not known",
            context=CONTEXT,
        ),
        Unchanged(
            "two stages already",
            "FROM golang:1.23 AS build\nWORKDIR /src\nCOPY . .\nRUN go build -o app .\n\nFROM scratch\n"
            'COPY --from=build /src/app /app\nCMD ["/app"]\n',
            context=CONTEXT,
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class Copy:
    """A line `COPY --from`."""

    source: str
    destination: str


@dataclass(frozen=True, slots=True)
class RuntimeStage:
    """What fills templates/go/runtime_stage.dockerfile.jinja."""

    image: str
    name: str | None
    build: str
    above: Sequence[Block]
    debian_packages: Sequence[str]
    alpine_packages: Sequence[str]
    extra_path: str
    """A folder that must stay on the PATH."""
    copies: Sequence[Copy]
    below: Sequence[Block]


def _short(name: str) -> str:
    return name if len(name) <= 60 else name[:57] + "..."


class Refused(Exception):
    """Why the stage can't be split, as a Skip."""

    def __init__(self, span: Span, reason: str, help: str = "", note: str = "") -> None:
        super().__init__(reason)
        self.skip = Skip(span, reason, help, note)


@transform.plan
def plan(case: Case) -> Iterator[Fix | Skip]:
    stage = case.stage
    image = case.states[stage.index].final.image
    if len(case.dockerfile.stages) != 1 or image is None or image.family != "golang":
        return
    try:
        yield _plan_split(case, stage)
    except Refused as refused:
        yield refused.skip


def _plan_split(case: Case, stage: Stage) -> Fix:
    start = _checked_start(case, stage)
    found = read_stage(case, stage)
    if found.unknown:
        unknown = found.unknown[0]
        raise Refused(
            unknown.span,
            f"what `{_short(unknown.name)}` writes is not known",
            "build without it, or split by hand and copy what it makes",
            unknown.reason or "the runtime stage may need files from here",
        )
    main = _started_program(case, start, found)
    programs = _needed_programs(case, found, main)
    for built in programs:
        if built.package is None:
            continue
        _check_program(built)
    image, links_libc = _runtime_image(case, stage, start, found, programs)
    edits = _static_edits(case, programs) if not links_libc else []
    build = free_stage_name(case.dockerfile)
    facts = _runtime_stage(case, stage, start, found, programs, image, build)
    moving = [i for i in stage.instructions if _moves(stage, i) or i in found.users]
    runtime = render("go/runtime_stage.dockerfile.jinja", facts)
    edits.extend(cut(case, stage, build, runtime, moving))
    return Fix(tuple(edits), why=f"the image no longer holds the Go toolchain: it is {image}", place=stage.from_.span)


# --- can it be split?


def _checked_start(case: Case, stage: Stage) -> Start:
    start = start_of(case, stage)
    if start is None:
        raise Refused(
            stage.from_.span,
            "what the image runs is not said",
            "write a CMD or an ENTRYPOINT, then run dockerslim again",
        )
    workdir = case.final.final.workdir or "/"
    mounted = case.usage.mount_over(workdir)
    if mounted is not None and (workdir + "/").startswith(mounted[1].target.rstrip("/") + "/"):
        service, mount = mounted
        raise Refused(
            stage.from_.span,
            f"`{service.file}` mounts `{mount.source}` over the work folder in service `{service.service}`",
            "mount it in a service of its own for development, or take the mount out",
            "the repository runs it from its source",
        )
    if case.usage.devcontainer is not None:
        raise Refused(stage.from_.span, "a dev container uses this file", "give the dev container a file of its own")
    for words in start.commands():
        name = posixpath.basename(words[0]) if words else ""
        if name in DEVELOPMENT_SERVERS:
            raise Refused(
                start.span, f"`{name}` is a development server", "write a Dockerfile for production beside it"
            )
        if name == "go":
            raise Refused(
                start.span,
                f"`go {words[1] if len(words) > 1 else ''}` runs when the container starts".replace(" `", "`"),
                "build the program in a RUN and start it",
                "this needs the toolchain and the source",
            )
        if name == "make" or name.endswith(".sh"):
            raise Refused(start.span, f"what `{words[0]}` runs is not known", "start the program itself")
    if not start.is_known:
        raise Refused(start.span, "the command is more than plain commands", "start the program itself")
    if stage.last("SHELL") is not None or stage.last("ONBUILD") is not None:
        instruction = stage.last("ONBUILD") or stage.last("SHELL")
        assert instruction is not None
        raise Refused(instruction.span, f"the stage has {instruction.keyword} instructions", "split it by hand")
    files = case.files(stage)
    if files.missing:
        instruction, source = files.missing[0]
        raise Refused(instruction.span, f"the build context has no `{source}`", "name the context with --context")
    if files.unknown:
        raise Refused(
            files.unknown[0].span, "what this copies can't be told", "copy files of the build context by name"
        )
    return start


def _started_program(case: Case, start: Start, found: GoStage) -> Built:
    """The program that the image starts; each other command needs to be the shell's own."""
    state = case.final.final
    main: Built | None = None
    for words in start.commands():
        path = _program_path(case, words[0], found)
        built = next((b for b in found.built if b.path == path), None)
        if built is not None:
            main = main or built
        elif not start.needs_shell:
            known = ", ".join(f"`{b.path}`" for b in found.built) or "nothing"
            raise Refused(
                start.span,
                f"`{words[0]}` is not a program that this file builds",
                f"start what is built here: {known}",
            )
        elif words[0] not in SHELL_PROGRAMS:
            raise Refused(start.span, f"where `{words[0]}` comes from is not known", "start the program itself")
    if main is not None and _is_removed(main.path, found):
        raise Refused(main.instruction.span, f"`{main.path}` is removed after it is built", "keep the program")
    if main is None or state.workdir is None:
        raise Refused(start.span, "the command starts nothing that this file builds", "start the program itself")
    return main


SHELL_PROGRAMS = frozenset("exec cd echo export sleep tee cat mkdir chmod chown sh test [ true env printf tail".split())


def _program_path(case: Case, word: str, found: GoStage) -> str:
    state = case.final.final
    if "/" in word:
        return state.path(word) or word
    folders = (state.env.get("PATH") or "").split(":")
    candidates = {b.path for b in found.built} | set(found.tools)
    return next((f"{folder}/{word}" for folder in folders if f"{folder}/{word}" in candidates), word)


def _needed_programs(case: Case, found: GoStage, main: Built) -> list[Built]:
    """Every program of the project's own: a compose command or a person may start any of them."""
    programs = {built.path: built for built in found.built if built.package is not None}
    programs.setdefault(main.path, main)
    return list(programs.values())


def _check_program(built: Built) -> None:
    if built.project.module is None and built.project.workspace is None and built.project.folder:
        return
    facts = built.project.program(built.package or "", built.tags)
    if facts.imports_plugin:
        raise Refused(built.instruction.span, "the program loads Go plugins", "plugins need the toolchain's own libc")


# --- where does it run?


def _runtime_image(case: Case, stage: Stage, start: Start, found: GoStage, programs: list[Built]) -> tuple[str, bool]:
    image = case.states[stage.index].final.image
    assert image is not None
    links_libc = any(_links_libc(case, found, built) for built in programs)
    links_cxx = links_libc and any(built.project.cgo.needs_cxx for built in programs)
    packages, _ = _runtime_packages(case, stage, found, programs)
    shell = start.needs_shell or _healthcheck_needs_shell(stage) or bool(found.users) or _runs_shell(programs)
    for built in programs:
        for use in _facts(built).programs:
            if posixpath.basename(use.path) not in ("sh", "bash") and not packages:
                raise Refused(
                    built.instruction.span,
                    f"the program runs `{use.path}` ({use.evidence})",
                    f"install `{use.path}` in a RUN of this file, so that the runtime stage gets it too",
                )
        if _facts(built).unknown_programs:
            evidence = _facts(built).unknown_programs[0]
            raise Refused(
                built.instruction.span, f"the program runs another one that is computed ({evidence})", "split by hand"
            )
    candidates = runtime_candidates(
        image, RuntimeNeed(links_libc=links_libc, links_cxx=links_cxx, shell=shell, packages=bool(packages))
    )
    chosen = _by_option(case, candidates)
    if found.users and chosen is not None and "debian:trixie" in chosen and _uses_adduser(case, found):
        raise Refused(
            found.users[0].span,
            "Debian 13's slim image has no `adduser`",
            "use `useradd`, which every Debian image has",
        )
    if chosen is None:
        raise Refused(
            stage.from_.span,
            f"no smaller image is known that surely runs what `{stage.base}` builds",
            "name the release in the tag (such as `-bookworm`), or build with CGO_ENABLED=0",
            "the program needs the C library of this image" if links_libc else "",
        )
    return chosen.removesuffix(":nonroot"), links_libc


def _uses_adduser(case: Case, found: GoStage) -> bool:
    return any(c.inner().name in ("adduser", "addgroup") for i in found.users for c in case.script(i).commands)


def _by_option(case: Case, candidates: Sequence[str]) -> str | None:
    wanted = case.options.runtime
    if wanted == "auto":
        return candidates[0] if candidates else None
    if wanted == "distroless":
        return next((c for c in candidates if "/distroless/" in c), None)
    if wanted in ("slim", "alpine"):
        sign = "-slim" if wanted == "slim" else "alpine"
        return next((c for c in candidates if sign in c), None)
    return wanted


def _links_libc(case: Case, found: GoStage, built: Built) -> bool:
    """Must the program keep its C library? Not where cgo is off, or where nothing but the standard library uses it."""
    if built.needs_cgo:
        return True
    if built.cgo_setting == "0":
        return False
    if built.cgo_setting == "1":
        return True
    cgo = built.project.cgo
    if _is_standard_library_only(built):
        return _author_wants_cgo(found)
    if cgo.needed or cgo.unknown:
        return not (_has_no_compiler(case, found) and not cgo.needed)
    return _author_wants_cgo(found)


def _is_standard_library_only(built: Built) -> bool:
    """Without a go.mod nothing but the standard library can be built, and only `import "C"` needs cgo."""
    project = built.project
    if project.module is not None or project.workspace is not None or project.cgo.own or project.cgo.needed:
        return False
    facts = _facts(built)
    return facts.complete and not any("." in path.split("/")[0] for path in facts.imports)


def _has_no_compiler(case: Case, found: GoStage) -> bool:
    """golang:alpine has no gcc, and go then builds with cgo off."""
    image = case.final.final.image
    return image is not None and image.variant == "alpine" and not _author_wants_cgo(found)


def _author_wants_cgo(found: GoStage) -> bool:
    compilers = ("gcc", "g++", "musl-dev", "build-base", "build-essential", "clang", "libc-dev", "libc6-dev")
    return any(package in compilers or package.endswith("-dev") for _, _, package in found.packages)


def _static_edits(case: Case, programs: list[Built]) -> list[Edit]:
    """`CGO_ENABLED=0` before each build that would otherwise link the C library for the standard library's sake."""
    edits: dict[int, Edit] = {}
    image = case.final.final.image
    for built in programs:
        if built.cgo_setting is not None or (image is not None and image.variant == "alpine"):
            continue
        place = built.script.span(built.command.start, built.command.end).start
        if built.instruction.json is not None:
            line = case.dockerfile.lines.line_start(built.instruction.block_start)
            edits[line] = Edit(Span(line, line), "ENV CGO_ENABLED=0\n")
        else:
            edits[place] = Edit(Span(place, place), "CGO_ENABLED=0 ")
    return list(edits.values())


def _healthcheck_needs_shell(stage: Stage) -> bool:
    check = stage.last("HEALTHCHECK")
    return not (check is None or check.value.upper() == "NONE")


def _runs_shell(programs: list[Built]) -> bool:
    return any(posixpath.basename(use.path) in ("sh", "bash") for built in programs for use in _facts(built).programs)


def _runtime_packages(case: Case, stage: Stage, found: GoStage, programs: list[Built]) -> tuple[list[str], list[str]]:
    """System packages for the run time, and those left out because distroless has what they bring."""
    image = case.states[stage.index].final.image
    release = image.release if image is not None else None
    distribution: Distribution = "alpine" if image is not None and image.distribution == "alpine" else "debian"
    needed: list[str] = []
    dropped: list[str] = []
    for instruction, _, package in found.packages:
        what = purpose(package, distribution, release)
        if what.package in IN_DISTROLESS:
            dropped.append(what.package)
            continue
        if what.kind == "build" and what.uncertain and what.package == "git":
            continue
        if what.runtime_packages is None:
            raise Refused(
                instruction.span,
                f"what `{package}` leaves for the run time is not known on this release",
                "name the release in the image's tag",
            )
        needed.extend(name for name in what.runtime_packages if name not in needed)
    for built in programs:
        if not _links_libc(case, found, built) or not built.project.cgo.modules:
            continue
        cgo = built.project.cgo
        names = cgo.alpine_packages() if distribution == "alpine" else cgo.debian_packages(release or "")
        if names is None and not cgo.needs_only_libc:
            raise Refused(
                built.instruction.span,
                f"which libraries `{cgo.modules[0].path}` needs at run time is not known on this release",
                "install them in a RUN of this file, so that the runtime stage gets them too",
            )
        needed.extend(name for name in names or () if name not in needed)
    return needed, dropped


IN_DISTROLESS = frozenset({"ca-certificates", "tzdata", "ca-certificates-bundle"})


# --- what goes where?


def _facts(built: Built) -> ProgramFacts:
    return built.project.program(built.package or "", built.tags)


def _moves(stage: Stage, instruction: Instruction) -> bool:
    """Does the instruction leave the build stage?"""
    if instruction.keyword in STAYS_BELOW:
        return True
    if instruction.keyword == "USER":
        return not _is_followed_by_run(stage, instruction)
    if instruction.keyword == "ENV":
        if all(pair.key in RUNTIME_VARIABLES for pair in instruction.assignments) and not _is_used(stage, instruction):
            return True
        return not _is_followed_by_run(stage, instruction) and not _is_build_only(instruction)
    return False


def _is_used(stage: Stage, instruction: Instruction) -> bool:
    """Does another instruction name one of the variables?"""
    names = [pair.key for pair in instruction.assignments]
    others = (
        i for i in stage.instructions if i.keyword not in ("CMD", "ENTRYPOINT", "HEALTHCHECK") and i is not instruction
    )
    return any(f"${name}" in i.value or f"${{{name}" in i.value for i in others for name in names)


def _is_followed_by_run(stage: Stage, instruction: Instruction) -> bool:
    return any(i.span.start > instruction.span.start for i in stage.all("RUN", "COPY", "ADD"))


def _is_build_only(instruction: Instruction) -> bool:
    return all(pair.key in BUILD_VARIABLES for pair in instruction.assignments)


def _runtime_stage(
    case: Case, stage: Stage, start: Start, found: GoStage, programs: list[Built], image: str, build: str
) -> RuntimeStage:
    state = case.final.final
    workdir = state.workdir or "/"
    first_copy = next((i.span.start for i in stage.instructions if i.keyword in ("COPY", "ADD", "RUN")), 0)
    runtime = [i for i in stage.instructions if _runs(stage, i) or i in found.users]
    moving = [i for i in runtime if _moves(stage, i) or i in found.users]
    above = blocks(case, stage, [i for i in runtime if i.span.start < first_copy and i.keyword != "WORKDIR"], moving)
    below = blocks(case, stage, [i for i in runtime if i.span.start > first_copy and i.keyword != "WORKDIR"], moving)
    last = stage.last("WORKDIR")
    place = last or stage.from_
    text = (
        f"{last.keyword_span.cut(case.dockerfile.text)} {last.value}\n"
        if last is not None and last.value.startswith("/")
        else f"WORKDIR {workdir}\n"
    )
    folder = Block(text, place)
    index = sum(1 for block in above if block.instruction.span.start < place.span.start and last is not None)
    above.insert(index, folder)
    packages, dropped = _runtime_packages(case, stage, found, programs)
    is_distroless = "/distroless/" in image
    if not is_distroless:
        packages = [*_base_needs(image, programs, dropped), *packages]
    alpine = image.split("/")[-1].startswith("alpine")
    return RuntimeStage(
        image,
        stage.name,
        build,
        above,
        () if alpine else tuple(packages),
        tuple(packages) if alpine else (),
        _extra_path(case, start, found, image),
        _copies(case, stage, found, programs, workdir),
        below,
    )


def _base_needs(image: str, programs: list[Built], dropped: list[str]) -> list[str]:
    """What the Go image has beside the toolchain, and a plain distribution lacks."""
    needed = []
    alpine = image.split("/")[-1].startswith("alpine")
    if "ca-certificates" in dropped or (not alpine and any(_facts(b).uses_tls for b in programs)) or not alpine:
        needed.append("ca-certificates")
    zones = any(_facts(b).uses_timezones and not _facts(b).imports_tzdata for b in programs)
    if zones or "tzdata" in dropped:
        needed.append("tzdata")
    return needed


def _runs(stage: Stage, instruction: Instruction) -> bool:
    """Is the instruction of use at run time?"""
    if instruction.keyword in STAYS_BELOW or instruction.keyword in ("WORKDIR", "USER"):
        return True
    if instruction.keyword == "ENV":
        return not _is_build_only(instruction)
    if instruction.keyword == "ARG":
        names = {pair.key for pair in instruction.assignments}
        later = [i for i in stage.instructions if i.span.start > instruction.span.start]
        users = [i for i in later if i.keyword in ("ENV", "LABEL", "EXPOSE", "USER", "VOLUME", "STOPSIGNAL", "WORKDIR")]
        return any(f"${name}" in i.value or f"${{{name}" in i.value for i in users for name in names)
    return False


def _copies(case: Case, stage: Stage, found: GoStage, programs: list[Built], workdir: str) -> tuple[Copy, ...]:
    paths: dict[str, bool] = {}  # path -> is a folder
    for built in programs:
        paths[built.path] = False
    for tool in found.tools:
        if _is_named(case, tool):
            paths[tool] = False
    for path, is_folder in _assets(case, stage, programs, workdir):
        paths.setdefault(path, is_folder)
    for _, folder in found.folders:
        if not any(path.startswith(folder.rstrip("/") + "/") for path in paths):
            paths.setdefault(folder, True)
    paths = {path: is_folder for path, is_folder in paths.items() if not _is_removed(path, found)}
    kept = [p for p in paths if not any(o != p and paths[o] and p.startswith(o.rstrip("/") + "/") for o in paths)]
    return _joined(Copy(path, _destination(path, paths[path], workdir)) for path in kept)


def _joined(copies: Iterable[Copy]) -> tuple[Copy, ...]:
    """Files that go to the same folder are copied by one line."""
    found: dict[str, list[str]] = {}
    for copy in copies:
        is_file = copy.destination.endswith("/") and posixpath.basename(copy.source) != posixpath.basename(
            copy.destination.rstrip("/")
        )
        key = copy.destination if is_file else f"{copy.destination}\0{copy.source}"
        found.setdefault(key, []).append(copy.source)
    return tuple(Copy(" ".join(sources), key.partition("\0")[0]) for key, sources in found.items())


def _extra_path(case: Case, start: Start, found: GoStage, image: str) -> str:
    """The folder that a bare command name was found in, where the runtime image's PATH lacks it."""
    for words in start.commands():
        if not words or "/" in words[0]:
            continue
        folder = posixpath.dirname(_program_path(case, words[0], found))
        if folder and folder not in PLAIN_PATH:
            return folder
    return ""


PLAIN_PATH = frozenset({"/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"})
"""What every image has on its PATH."""


def _is_removed(path: str, found: GoStage) -> bool:
    return any(path == gone or path.startswith(gone.rstrip("/") + "/") for gone in found.removed)


def _is_named(case: Case, tool: str) -> bool:
    name = posixpath.basename(tool)
    texts = [str(service.command) + str(service.entrypoint) for service in case.usage.services]
    return any(name in text for text in texts)


def _destination(path: str, is_folder: bool, workdir: str) -> str:
    folder = posixpath.dirname(path)
    if not is_folder:
        if folder == workdir:
            return "./"
        if folder.startswith(workdir.rstrip("/") + "/"):
            return "./" + posixpath.relpath(folder, workdir) + "/"
        return folder.rstrip("/") + "/"
    if path == workdir:
        return "./"
    if path.startswith(workdir.rstrip("/") + "/"):
        return "./" + posixpath.relpath(path, workdir) + "/"
    return path


def _assets(case: Case, stage: Stage, programs: list[Built], workdir: str) -> Iterator[tuple[str, bool]]:
    """Image paths that the programs read at run time and that are there after the build."""
    unknown = False
    for built in programs:
        facts = _facts(built)
        unknown = unknown or bool(facts.unknown_reads or facts.uses_caller_paths or not facts.complete)
        for use in (*facts.reads, *facts.writes):
            yield from _asset(case, stage, use.path, workdir)
            if posixpath.basename(use.path) == ".env" and _may_be_there(case, stage, use.path, workdir):
                # A pattern that matches nothing is fine for BuildKit: the file is rarely committed.
                yield posixpath.normpath(posixpath.join(workdir, use.path)) + "*", False
    if unknown:
        yield from _everything_but_source(case, stage, workdir)


def _asset(case: Case, stage: Stage, path: str, workdir: str) -> Iterator[tuple[str, bool]]:
    context = case.context
    if context is None:
        return
    fixed = path
    if any(char in path for char in "*?["):
        parts = path.split("/")
        index = next(n for n, part in enumerate(parts) if any(char in part for char in "*?["))
        fixed = "/".join(parts[:index]) or "."
    absolute = posixpath.normpath(posixpath.join(workdir, fixed))
    source = case.files(stage).context_path(absolute)
    if source is None:
        return
    if absolute == workdir:
        if fixed != path:
            for name in context.glob(posixpath.normpath(posixpath.join(source, path))):
                yield posixpath.join(workdir, posixpath.basename(name)), False
        return
    if context.is_file(source):
        parent, parent_source = posixpath.dirname(absolute), posixpath.dirname(source)
        if parent != workdir and parent_source and not _holds_source(case, parent_source):
            yield parent, True
        else:
            yield absolute, False
    elif context.is_folder(source):
        yield absolute, True
    else:
        parent, parent_source = posixpath.dirname(absolute), posixpath.dirname(source)
        if parent != workdir and parent_source and context.is_folder(parent_source):
            yield parent, True  # a file that is made at run time, in a folder that must be there


def _may_be_there(case: Case, stage: Stage, path: str, workdir: str) -> bool:
    """Would a file that the context lacks now be copied once somebody makes it?"""
    source = case.files(stage).context_path(posixpath.normpath(posixpath.join(workdir, path)))
    if source is None or case.context is None or case.context.is_file(source) or source in case.context.hidden:
        return False
    return any(p.is_folder and p.stage is None for p in case.files(stage).placements)


def _holds_source(case: Case, folder: str) -> bool:
    return case.context is not None and any(path.endswith(".go") for path in case.context.under(folder))


def _everything_but_source(case: Case, stage: Stage, workdir: str) -> Iterator[tuple[str, bool]]:
    """Where the program computes what it reads: all that is no source of Go, nor about the repository."""
    source = case.files(stage).context_path(workdir)
    context = case.context
    if source is None or context is None:
        return
    prefix = source + "/" if source else ""
    names = sorted({path[len(prefix) :].split("/")[0] for path in context.under(source)})
    for name in names:
        path = prefix + name
        if name in SOURCE_NAMES or name.lower().startswith(("dockerfile", "readme")):
            continue
        if context.is_file(path):
            if not name.endswith(SOURCE_SUFFIXES):
                yield posixpath.join(workdir, name), False
        elif any(not file.endswith(SOURCE_SUFFIXES) and not _is_test_data(file) for file in context.under(path)):
            yield posixpath.join(workdir, name), True


def _is_test_data(path: str) -> bool:
    return "/testdata/" in path or path.endswith("_test.go")
