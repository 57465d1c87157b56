"""What a Go image starts: a program that the file builds, or something that forbids a split."""

from __future__ import annotations

import posixpath
import re

from dockerslim.case import Case
from dockerslim.dockerfile import Instruction, Stage
from dockerslim.languages.go import ProgramFacts
from dockerslim.paths import is_within
from dockerslim.split.checks import check_instructions, check_use
from dockerslim.split.full_image import full_image_programs
from dockerslim.split.go.package_programs import is_brought
from dockerslim.split.go.purpose import Built, GoStage
from dockerslim.split.go.running import DEVELOPMENT_SERVERS
from dockerslim.split.go.started import Started, started
from dockerslim.split.ownership import SYSTEM_FOLDERS, SYSTEM_PREFIXES
from dockerslim.split.packages import PLAIN_PROGRAMS
from dockerslim.split.refused import Refused

FOR_DEVELOPMENT = re.compile(r"(?:^|[._-])(?:dev|devel|development)(?:[._-]|$)", re.IGNORECASE)
"""In the name of a Dockerfile."""
BUILT_IN = frozenset(
    "set : . source return break continue shift local readonly read trap wait unset exit command type umask ulimit"
    " case in esac if then else elif fi for while until do done function { } ! [[ let getopts".split()
)
"""Words of the shell itself."""
SHELL_PROGRAMS = frozenset("exec cd echo export sleep tee cat mkdir chmod chown sh test [ true env printf tail".split())
"""What a shell-form command may use beside the program: every small distribution has them."""


def checked_start(case: Case, stage: Stage) -> Started:
    """What the image starts, where that can be a program built here. Raises Refused."""
    start = check_use(case, stage)
    found = started(case, stage, start)
    for words in found.commands:
        name = posixpath.basename(words[0]) if words else ""
        if name in DEVELOPMENT_SERVERS:
            raise Refused(
                start.span, f"`{name}` is a development server", "write a Dockerfile for production beside it"
            )
        if name == "go":
            raise Refused(
                start.span,
                f"`{' '.join(words[:2])}` runs when the container starts",
                "build the program in a RUN and start it; `--unsafe` does so where it is a plain `go run`",
                "this needs the toolchain and the source",
            )
        if name == "make" or name.endswith(".sh"):
            raise Refused(start.span, f"what `{words[0]}` runs is not known", "start the program itself")
    if FOR_DEVELOPMENT.search(posixpath.basename(case.path.replace("\\", "/"))):
        raise Refused(
            stage.from_.span,
            f"`{posixpath.basename(case.path)}` is for development by its name",
            "write a Dockerfile for production beside it",
        )
    if found.unknown:
        raise Refused(start.span, f"what `{found.unknown}` runs is not known", "start the program itself")
    if not start.is_known:
        raise Refused(start.span, "the command is more than plain commands", "start the program itself")
    check_instructions(case, stage)
    _check_sources(case, stage)
    return found


def _check_sources(case: Case, stage: Stage) -> None:
    """Raises Refused where it isn't known what the stage is made of."""
    image = case.states[stage.index].final.image
    if image is None or image.config is None:
        raise Refused(stage.from_.span, f"what `{stage.base}` holds is not known", "name the version beside the digest")
    for instruction in stage.all("COPY", "ADD", "WORKDIR"):
        if instruction.flag("from") and not _is_own_data(case, stage, instruction):
            raise Refused(
                instruction.span,
                f"whether the program needs what is copied from `{instruction.flag_value('from')}` is not known",
                "split it by hand",
            )
        if instruction.keyword == "ADD" and any(ARCHIVE.search(word.text) for word in instruction.sources):
            raise Refused(instruction.span, "what the archive holds is not known", "split it by hand")
        if instruction.keyword == "WORKDIR":
            state = case.state(instruction)
            arguments = [name for name in VARIABLE.findall(instruction.value) if name not in state.env]
            if arguments:
                raise Refused(
                    instruction.span,
                    f"the work folder depends on the build argument `{arguments[0]}`",
                    "write the folder out",
                )


def _is_own_data(case: Case, stage: Stage, instruction: Instruction) -> bool:
    """Is it copied from a stage of this file, to a folder that is the project's own? Then it travels on as it is."""
    if case.dockerfile.stage_named(instruction.flag_value("from") or "", stage.index) is None:
        return False
    own = [p for p in case.files(stage).placements if p.instruction is instruction]
    if not own or any(p.target in SYSTEM_FOLDERS or p.target.startswith(SYSTEM_PREFIXES) for p in own):
        return False
    # What lands between the source can't be told from it.
    return not any(p.target == case.final.final.workdir and p.is_folder for p in own)


ARCHIVE = re.compile(r"\.(?:tar|tgz|txz|tbz2?|tar\.\w+)$", re.IGNORECASE)
VARIABLE = re.compile(r"\$\{?([A-Za-z_]\w*)")


def started_program(case: Case, start: Started, found: GoStage) -> Built:
    """The program that the image starts; each other command needs to be there without it."""
    state = case.final.final
    main: Built | None = None
    tools = {tool.path for tool in found.tools}
    for words in start.commands:
        path = program_path(case, words[0], found)
        built = next((b for b in found.built if b.path == path), None)
        if built is not None:
            main = main or built
        elif path in tools:
            continue
        elif not start.needs_shell:
            known = ", ".join(f"`{b.path}`" for b in found.built) or "nothing"
            raise Refused(
                start.span,
                f"`{words[0]}` is not a program that this file builds",
                f"start what is built here: {known}",
            )
        elif not _is_shells_own(case, start, found, words):
            raise Refused(start.span, f"where `{words[0]}` comes from is not known", "start the program itself")
    if main is not None and is_removed(main.path, found):
        raise Refused(main.instruction.span, f"`{main.path}` is removed after it is built", "keep the program")
    if main is None or state.workdir is None:
        raise Refused(start.span, "the command starts nothing that this file builds", "start the program itself")
    return main


def other_programs(start: Started) -> tuple[str, ...]:
    """Programs beside the shell's own that the start needs, an init among them; some may be built here."""
    names = [posixpath.basename(words[0]) for words in start.commands if words]
    names += [start.init] if start.init else []
    plain = SHELL_PROGRAMS | PLAIN_PROGRAMS | BUILT_IN | start.functions
    return tuple(dict.fromkeys(name for name in names if name not in plain and "=" not in name))


def _is_shells_own(case: Case, start: Started, found: GoStage, words: tuple[str, ...]) -> bool:
    """Is the command the shell's, a small image's, a function, or a package's?"""
    name = posixpath.basename(words[0])
    if name in SHELL_PROGRAMS | PLAIN_PROGRAMS | BUILT_IN | start.functions:
        return True
    image = case.final.final.image
    distribution = "alpine" if image is not None and image.distribution == "alpine" else "debian"
    installed = [package for _, _, package in found.packages]
    in_full_image = distribution == "debian" and name in full_image_programs().packages
    return in_full_image or is_brought(name, installed, distribution) or name == "wget"


def program_path(case: Case, word: str, found: GoStage) -> str:
    state = case.final.final
    if "/" in word:
        return state.path(word) or word
    folders = (state.env.get("PATH") or "").split(":")
    candidates = {b.path for b in found.built} | {tool.path for tool in found.tools}
    return next((f"{folder}/{word}" for folder in folders if f"{folder}/{word}" in candidates), word)


def needed_programs(case: Case, found: GoStage, main: Built) -> list[Built]:
    """Every program of the project's own: a compose command or a person may start any of them."""
    programs = {built.path: built for built in found.built if built.package is not None}
    programs.setdefault(main.path, main)
    # Of a program and its copies the one that is started is enough.
    same = {main.origin or main.path} - {main.path}
    same |= {built.path for built in programs.values() if built.origin == main.path}
    return [built for built in programs.values() if built.path not in same]


def check_programs(built: Built) -> None:
    if built.project.module is None and built.project.workspace is None and built.project.folder:
        return
    facts = built.project.program(built.package or "", built.tags)
    if facts.imports_plugin:
        raise Refused(built.instruction.span, "the program loads Go plugins", "plugins need the toolchain's own libc")


def is_removed(path: str, found: GoStage) -> bool:
    return any(is_within(path, gone) for gone in found.removed)


def facts_of(built: Built) -> ProgramFacts:
    return built.project.program(built.package or "", built.tags)
