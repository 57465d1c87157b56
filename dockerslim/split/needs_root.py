"""Why a stage's image must start as root: what it starts, how it is used, and whom its files are for."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Sequence

from dockerslim.case import Case
from dockerslim.dockerfile import Instruction, Stage
from dockerslim.dockerfile.shell import Script, shell_script
from dockerslim.images.state import ImageState
from dockerslim.paths import is_within
from dockerslim.split.entry_scripts import entry_script, is_own_entrypoint
from dockerslim.split.file_modes import closes_to_others, script_closes_files
from dockerslim.split.image_view import source_at
from dockerslim.split.init_programs import without_init
from dockerslim.split.refused import Refused
from dockerslim.split.start import Start

CHANGE_USER = frozenset({"sudo", "su-exec", "gosu", "setpriv", "runuser", "su"})
ROOT_PROGRAMS = re.compile(
    r"(?<![\w./-])(?:/(?:usr/)?(?:local/)?s?bin/)?(sudo|su-exec|gosu|setpriv|su|cron|crond|sshd|supervisord|runuser"
    r"|chroot|iptables|mount|useradd|adduser|usermod|groupmod|apt-get|apt|apk|dockerd|service|systemctl|nginx|apache2"
    r"|httpd|chown)(?![\w-])"
)
"""Programs that need root, or that change to another user themselves."""
SYSTEM_PROGRAM = re.compile(r"/(?:usr/)?(?:local/)?s?bin/[^/]+")
MAKES_USERS = re.compile(r"\b(useradd|adduser|groupadd|addgroup)\b")
BELOW_ROOT = re.compile(r"(?:^|(?<=[\s=:,'\"]))/root(?=$|[/\s:,'\"])")
LINE_LIMIT = 500
"""Characters of a script's line that are searched."""


def check_needs_root(case: Case, stage: Stage, start: Start) -> None:
    """Raises Refused where the stage needs root, or may."""
    _check_use(case, stage)
    _check_start(case, stage, start)
    _check_home_of_root(case, stage, start)
    for instruction in instructions_of(case, stage):
        _check_instruction(case, instruction)


def instructions_of(case: Case, stage: Stage) -> Iterator[Instruction]:
    """The instructions that make the stage's image: its own, then those of the stages it is built from."""
    states = case.states[stage.index]
    yield from states.stage.instructions
    while states.base_stage is not None:
        states = case.states[states.base_stage.index]
        yield from states.stage.instructions


def _check_use(case: Case, stage: Stage) -> None:
    image = case.states[stage.index].final.image
    if image is not None and image.family in ("nginx", "httpd"):
        raise Refused(
            stage.from_.span,
            f"`{stage.base}` starts as root and changes to its own user for the work",
            "use an image that is made to run without root, such as nginxinc/nginx-unprivileged",
        )
    for service in case.usage.services:
        if any("docker.sock" in mount.source for mount in service.volumes):
            raise Refused(stage.from_.span, f"`{service.file}` mounts the Docker socket, which is root's")
        if service.develop_watch:
            raise Refused(stage.from_.span, f"`{service.file}` syncs files into the container, which are root's then")


def _check_start(case: Case, stage: Stage, start: Start) -> None:
    for words in start.commands():
        name = posixpath.basename(words[0]) if words and _may_be_systems(words[0]) else ""
        found = name if ROOT_PROGRAMS.fullmatch(name) else next((word for word in words if word in CHANGE_USER), None)
        if found is not None:
            raise Refused(start.span, f"`{found}` needs root when the container starts")
    script = start_script(case, stage, start)
    if script is None:
        return
    name, text = script
    if text is None:
        raise Refused(start.span, f"what `{name}` does when the container starts is not known", "add a USER by hand")
    program = root_program(text)
    if program:
        raise Refused(start.span, f"`{name}` runs `{program}`, which needs root", "do that in a RUN, then add a USER")


def root_at_start(case: Case, stage: Stage, start: Start) -> str:
    """One sentence of why a start other than the image's own needs root; "" where it doesn't."""
    try:
        _check_start(case, stage, start)
    except Refused as refused:
        return refused.reason
    return ""


def root_program(text: str) -> str:
    """The program of a script that needs root; "" where none does."""
    lines = (line.split("#")[0][:LINE_LIMIT] for line in text.split("\n"))
    return next((match[1] for line in lines if (match := ROOT_PROGRAMS.search(line))), "")


def _may_be_systems(word: str) -> bool:
    """Could the word mean a program of the distribution? `./service` is one of the project's own."""
    return "/" not in word or SYSTEM_PROGRAM.fullmatch(word) is not None


def start_script(case: Case, stage: Stage, start: Start) -> tuple[str, str | None] | None:
    """The shell script that the image starts, and its text where the build context has it."""
    state = case.states[stage.index].final
    for given in start.commands():
        words = without_init(given)[1]
        for word in words[:2]:
            if is_own_entrypoint(case, stage, word):
                continue
            in_path = entry_script(case, stage, word) if word == words[0] and "/" not in word else None
            if in_path is not None:
                return word, in_path.text
            path = state.path(word) if "/" in word or word in words[1:] else None
            source = source_at(case, stage, path) if path else None
            text = case.context.read_text(source) if source and case.context is not None else None
            if word.endswith(".sh") or (text is not None and _is_shell_script(text)):
                return word, text
    return None


def _is_shell_script(text: str) -> bool:
    first = text.partition("\n")[0]
    return first.startswith("#!") and first.rstrip().endswith("sh")


def written_by_script(case: Case, stage: Stage, start: Start) -> str:
    """A redirection by which the start itself writes a file; empty where there is none."""
    script = start_script(case, stage, start)
    scripts = [start.script] if start.script is not None else []
    scripts += [shell_script(script[1])] if script is not None and script[1] is not None else []
    return next((found for item in scripts if (found := _written_by(item))), "")


def _written_by(script: Script) -> str:
    for line in script.source.text.split("\n"):
        match = re.search(
            r">{1,2}\|?\s*(?![&>]|\s|/dev/(?:null|stdout|stderr|tcp/|udp/))\S+", line.split("#")[0][:LINE_LIMIT]
        )
        if match:
            return match[0]
    return ""


def _check_home_of_root(case: Case, stage: Stage, start: Start) -> None:
    """Only root can look below /root, which is an empty folder like any other in `scratch`."""
    state = case.states[stage.index].final
    if state.image is not None and state.image.family == "scratch":
        return
    if _is_below_root(state.workdir or "") or any(BELOW_ROOT.search(w) for w in _words(state, start.commands())):
        raise Refused(start.span, "`/root` can be read by root only", "use another folder, such as /app")
    for instruction in instructions_of(case, stage):
        if instruction.keyword in ("COPY", "ADD") and instruction.words:
            place = case.state(instruction)
            target = place.path(place.expand(instruction.destination) or "")
            named = target is not None and _is_below_root(target)
        else:
            named = instruction.keyword == "ENV" and bool(BELOW_ROOT.search(instruction.value))
        if named:
            raise Refused(instruction.span, "`/root` can be read by root only", "use another folder, such as /app")
    if state.env.get("HOME") and _is_below_root(state.env["HOME"] or ""):
        raise Refused(stage.from_.span, "HOME is `/root`, which can be read by root only")


def _words(state: ImageState, commands: Sequence[tuple[str, ...]]) -> Iterator[str]:
    for words in commands:
        if words and "/" in words[0]:
            yield state.path(words[0]) or ""
        yield from words


def _is_below_root(path: str) -> bool:
    return is_within(path, "/root")


def _check_instruction(case: Case, instruction: Instruction) -> None:
    mode = instruction.flag_value("chmod")
    is_closed = mode is not None and closes_to_others(mode)
    if instruction.keyword == "RUN":
        text = case.script(instruction).source.text
        if MAKES_USERS.search(text):
            raise Refused(instruction.span, "a user is made here and not used", "name it with USER above the command")
        is_closed = script_closes_files(text)
    if is_closed:
        raise Refused(
            instruction.span, "files are made readable for their owner only", "add a USER by hand, with a chown"
        )
