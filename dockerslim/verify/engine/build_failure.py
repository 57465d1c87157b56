"""Tells from the log of a failed build why it failed: a step of the Dockerfile, or something around it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from dockerslim.verify.engine.engine_errors import plain_words, recognise
from dockerslim.verify.errors import BuildFailed, VerifyError

_SHOWN = 100
"""Characters of an instruction in a message."""

_TAIL = 30
"""Lines of a failed step's output that are looked at for a full disk."""

_PROCESS = re.compile(r"process \".*\" did not complete successfully: (?P<how>.*)")
_PODMAN_PROCESS = re.compile(r"(?:building at STEP \"(?P<step>.*)\": )?while running runtime: (?P<how>exit status \d+)")
_PARSE_ERROR = re.compile(r"(?:dockerfile )?parse error on line (?P<line>\d+): (?P<why>.*)")
_STEP = re.compile(r" > (?:\[(?P<place>[^\]]*)\] )?(?P<text>.*):")
_PLACE = re.compile(r"\S.*:(?P<line>\d+)")
_TIME = re.compile(r"\d+\.\d+ ")
_MOUNT = re.compile(r"--mount=\S+ ")
_OUTPUT_RULE = "------"
_SNIPPET_RULE = "--------------------"


def build_failure(lines: Sequence[str], engine: str) -> VerifyError:
    """What to raise for a build whose plain progress was `lines` and that failed.

    BuildFailed where an instruction is at fault; another VerifyError where the disk is full, an image can't be pulled,
    or a secret was not given.
    """
    lines = [line.rstrip("\r\n") for line in lines]
    error = _last_error(lines)
    process = _PROCESS.search(error) or _PODMAN_PROCESS.search(error)
    said = _output_of_failed_step(lines) if process else []
    # What a program prints may resemble anything; only a full disk is worth the risk of a wrong word.
    known = recognise("\n".join(said[-_TAIL:]) if process else error, engine)
    if known and (process is None or known.message == "the disk is full"):
        return known.as_exception
    output = "".join(line + "\n" for line in lines)
    return BuildFailed(_message(lines, error, process), _help(process, said), output=output)


def _last_error(lines: Sequence[str]) -> str:
    for line in reversed(lines):
        if line.lower().startswith("error: "):
            return line
    return next((line for line in reversed(lines) if line.strip()), "")


def _message(lines: Sequence[str], error: str, process: re.Match[str] | None) -> str:
    if wrong := _PARSE_ERROR.search(error):
        return f"line {wrong['line']}: {wrong['why']}"
    if process:
        podman_step = process.groupdict().get("step")
        step = _shown(podman_step) if podman_step else _failed_step(lines) or "a step"
        return f"{step} failed with {process['how'].replace('exit code: ', 'exit code ')}"
    why = plain_words(error).removeprefix("failed to build: ").removeprefix("failed to solve: ")
    step = _failed_step(lines)
    # Of a chain of causes the last link is the one that the person can do something about.
    return f"{step} failed: {': '.join(why.split(': ')[-2:])}" if step else why or "the build failed"


def _help(process: re.Match[str] | None, said: Sequence[str]) -> str:
    if process and process["how"].split()[-1] == "137":
        return "exit code 137 is often a lack of memory: give the engine more"
    return f"its last words: {said[-1][:200]}" if said else ""


def _failed_step(lines: Sequence[str]) -> str:
    """The instruction, with its line where the log has it: `RUN npm ci` (line 5)."""
    header = _header(lines)
    found = _STEP.fullmatch(lines[header]) if header is not None else None
    if found is None:
        return ""
    line = next(
        (
            match["line"]
            for above, below in zip(lines[header:], lines[(header or 0) + 1 :], strict=False)
            if below == _SNIPPET_RULE and (match := _PLACE.fullmatch(above))
        ),
        None,
    )
    return _shown(found["text"]) + (f" (line {line})" if line else "")


def _output_of_failed_step(lines: Sequence[str]) -> list[str]:
    """What the step printed last, as the builder repeats it under the step's name."""
    header = _header(lines)
    if header is None:
        return [line for line in lines[:-1] if line.strip()]
    said: list[str] = []
    for line in lines[header + 1 :]:
        if line == _OUTPUT_RULE:
            break
        if words := _TIME.sub("", line, count=1).strip():
            said.append(words)
    return said


def _header(lines: Sequence[str]) -> int | None:
    """Where the builder repeats the name of the step that failed."""
    for number in range(len(lines) - 1, 0, -1):
        if lines[number - 1] == _OUTPUT_RULE and lines[number].startswith(" > "):
            return number
    return None


def _shown(instruction: str) -> str:
    words = " ".join(_MOUNT.sub("", instruction).split())
    return f"`{words if len(words) <= _SHOWN else words[: _SHOWN - 1] + '…'}`"
