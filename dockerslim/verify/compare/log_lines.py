"""The output of a program as lines that can be compared, and those among them that tell of an error."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from dockerslim.output.terminal_text import visible
from dockerslim.verify.compare.harmless_writes import is_harmless
from dockerslim.verify.compare.normalise import normalise_text

_COLOUR = re.compile(r"\x1b\[[0-9;]{0,20}[A-Za-z]")
_PACKAGES = re.compile(r"(?:/[\w.@+-]{1,64}){1,30}/(?P<folder>site-packages|dist-packages)/")
_NUMBER = re.compile(r"[0-9]+")
_PATH = re.compile(r"(?<![\w.])/[^\s'\"`:,;()\[\]<>]+")

_MISSING_OR_DENIED = re.compile(
    r"permission ?(?:denied|error)|\bEACCES\b|\bEPERM\b|operation not permitted|read-only file ?system|\bEROFS\b"
    r"|no such file or directory|\bENOENT\b|FileNotFoundError|unable to open database file|readonly database"
    r"|ModuleNotFoundError|No module named|ImportError|cannot find (?:module|package)|MODULE_NOT_FOUND"
    r"|error (?:while )?loading shared librar(?:y|ies)|cannot open shared object|GLIBC(?:XX)?_[\d.]+' not found"
    r"|: (?:command )?not found$|exec format error|unknown authority|unknown time zone|ZoneInfoNotFoundError"
    r"|no time zone found|unknown user|no such user|getpwuid|template(?: |DoesNot).{0,40}(?:not|n't) (?:found|exist)",
    re.IGNORECASE,
)
"""What a file, a library or a right that an image has lost reads like."""

_CRASH = re.compile(
    r"^Traceback \(most recent|^panic:|^fatal error:|segmentation fault|\bunhandled|\buncaught|core dumped",
    re.IGNORECASE,
)
_OF_SHELL = re.compile(
    r"(?:\S*sh: )?(?:line )?(?:\d+: )*(?:Killed|Terminated|Aborted|Bus error|Illegal instruction|Segmentation fault)"
    r"(?: \(core dumped\))?"
)
"""What a shell prints of a program that a signal has ended: without the shell nobody does."""

_ERROR = re.compile(r"error\b|\bfatal\b|exception\b|\bcritical\b|\bfail(?:ed|ure)\b", re.IGNORECASE)


def log_lines(output: str) -> tuple[str, ...]:
    """The lines without colours and blank ones, normalised, and without where Python's packages lie: they may move."""
    # Cut before they are normalised: a pattern must not reach across lines.
    lines = (line.rstrip() for line in normalise_text(_COLOUR.sub("", output)).split("\n"))
    return tuple(_PACKAGES.sub(r"«packages»/\g<folder>/", line) for line in lines if line)


def new_lines(before: Sequence[str], after: Sequence[str]) -> tuple[str, ...]:
    """The lines that only `after` has, whatever numbers are in them, each kind once."""
    known = {_kind(line) for line in before}
    return tuple({_kind(line): line for line in reversed(after) if _kind(line) not in known}.values())[::-1]


def missing_or_denied(lines: Iterable[str]) -> tuple[str, ...]:
    """The lines that tell of something that is not there or not allowed, but for what a program does without."""
    return tuple(line for line in lines if _MISSING_OR_DENIED.search(line) and not _names_harmless_path(line))


def crashes(lines: Iterable[str]) -> tuple[str, ...]:
    """The lines with which a crash begins."""
    return tuple(line for line in lines if _CRASH.search(line))


def errors(lines: Iterable[str]) -> tuple[str, ...]:
    """The lines that tell of any error."""
    return tuple(
        line for line in lines if _MISSING_OR_DENIED.search(line) or _CRASH.search(line) or _ERROR.search(line)
    )


def is_same_failure(before: str, after: str) -> bool:
    """Do two outputs of programs that failed tell of the same errors?

    The rest may differ: a trace has the paths of the libraries, and how often something was tried again is chance.
    """
    old, new = (
        tuple(line for line in log_lines(output) if not _OF_SHELL.fullmatch(line.strip())) for output in (before, after)
    )
    if old == new:
        return True
    old_errors, new_errors = errors(old), errors(new)
    if old_errors or new_errors:
        return not new_lines(old_errors, new_errors) and not new_lines(new_errors, old_errors)
    return bool(old and new) and _kind(old[-1]) == _kind(new[-1])


def last_lines(output: str, count: int = 8) -> str:
    """The last lines that are not blank, fit for a report."""
    lines = [line for line in _COLOUR.sub("", output[-20_000:]).split("\n") if line.strip()]
    return "\n".join(visible(line.rstrip())[:200] for line in lines[-count:])


def telling_line(output: str) -> str:
    """The line that says best why a program failed: the last that tells of an error, else the last."""
    lines = [line for line in last_lines(output, 40).split("\n") if line.strip()]
    return (errors(lines) or tuple(lines) or ("",))[-1].strip()


def _kind(line: str) -> str:
    return _NUMBER.sub("0", line)


def _names_harmless_path(line: str) -> bool:
    return any(is_harmless(path.rstrip(".")) for path in _PATH.findall(line))
