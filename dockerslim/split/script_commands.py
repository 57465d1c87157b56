"""The command lines of a shell script, those inside its conditions and loops too."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dockerslim.dockerfile.shell import Script, ShellCommand, shell_script

LONGEST_SCRIPT = 100_000
KEYWORDS = re.compile(
    r"^(?:\s*(?:if|then|elif|else|while|until|do|!|\{|\()(?=\s|$))+|^\s*(?:fi|done|esac|\}|\))(?=\s|$)"
)
FUNCTION = re.compile(r"^[ \t]*(?:function[ \t]+)?([\w-]+)[ \t]*\(\)", re.MULTILINE)
DOCUMENT = re.compile(r"(?<!<)<<-?[ \t]*(?P<quote>['\"]?)(?P<end>\w+)(?P=quote)")
MARKS = re.compile(r"\b(?:fi|done|esac)\b|;;")


def one_line(script: Script, command: ShellCommand) -> str:
    """A command as it stands in its script, without the breaks of its lines."""
    text = script.text(command.start, command.end)
    return text if "'" in text or '"' in text else " ".join(text.split())


def script_commands(text: str) -> Iterator[ShellCommand]:
    """Every command that the script may run, in order; a line that is not understood gives none."""
    functions = {match[1] for match in FUNCTION.finditer(text[:LONGEST_SCRIPT])}
    yield from (command for command in _commands(text) if command.inner().name not in functions)


def _commands(text: str) -> Iterator[ShellCommand]:
    script = shell_script(text[:LONGEST_SCRIPT])
    if script.problem is not None:
        yield from _line_by_line(text[:LONGEST_SCRIPT])
        return
    for part in script.parts:
        if isinstance(part, ShellCommand):
            yield part
        else:
            yield from _line_by_line(script.text(part.start, part.end))


def _without_documents(text: str) -> Iterator[str]:
    """The lines of a script, less what stands in its here-documents."""
    end = ""
    for line in text.split("\n"):
        if end:
            end = "" if line.strip() == end else end
            continue
        yield line
        document = DOCUMENT.search(line)
        end = document["end"] if document is not None else ""


def _line_by_line(text: str) -> Iterator[ShellCommand]:
    for line in _without_documents(text.replace("\\\n", " ")):
        for piece in re.split(r";|&&|\|\||\|", line):
            plain = KEYWORDS.sub("", MARKS.sub("", KEYWORDS.sub("", piece)).strip()).strip()
            if plain and not plain.startswith("#"):
                yield from shell_script(plain).commands
