"""Shell commands of a RUN, each command, word and operator with its place in the file.

tree-sitter-bash reads the joined text of the instruction (or a heredoc's body); offsets are mapped back to the file,
so an edit touches just the word it means and leaves continuations and comment lines alone.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from dockerslim.dockerfile.heredoc import heredoc_marker
from dockerslim.dockerfile.instruction import Instruction
from dockerslim.dockerfile.logical import LogicalText
from dockerslim.dockerfile.shell_command import Opaque, ShellCommand, ShellWord
from dockerslim.dockerfile.shell_syntax import shell_parts
from dockerslim.dockerfile.span import Span
from dockerslim.dockerfile.words import split_first

__all__ = ["Opaque", "Script", "ShellCommand", "ShellWord", "run_script", "shell_script"]

MAX_SCRIPT = 100_000
"""Characters; a longer script is opaque."""


@dataclass(frozen=True)
class Script:
    """What a RUN runs. `parts` are in order; `problem` says why it can't be read at all."""

    source: LogicalText
    parts: tuple[ShellCommand | Opaque, ...]
    problem: str | None = None
    comments: tuple[Span, ...] = ()
    """Comment lines between the continuations, in the file; `source` is without them."""

    @property
    def commands(self) -> tuple[ShellCommand, ...]:
        return tuple(part for part in self.parts if isinstance(part, ShellCommand))

    @property
    def is_plain(self) -> bool:
        """Only simple commands joined by `&&`, `;` or newlines."""
        return self.problem is None and all(
            isinstance(part, ShellCommand) and part.operator in ("", "&&", ";") for part in self.parts
        )

    @property
    def is_chain(self) -> bool:
        """Only simple commands joined by `&&`: each runs after all before it succeeded."""
        return self.is_plain and all(part.operator in ("", "&&") for part in self.parts)

    def span(self, start: int, end: int) -> Span:
        return self.source.span(start, end)

    def text(self, start: int, end: int) -> str:
        return self.source.text[start:end]


def run_script(instruction: Instruction, text: str) -> Script:
    """The script of a RUN (or of a shell-form CMD, ENTRYPOINT, HEALTHCHECK CMD). `text` is the file's text.

    An exec-form RUN is one command whose words have the place of the whole array.
    """
    arguments = instruction.arguments
    if instruction.keyword == "HEALTHCHECK":
        arguments = split_first(arguments)[1]
    if instruction.json is not None:
        words = tuple(ShellWord(item, item, 0, len(arguments.text)) for item in instruction.json)
        command = ShellCommand(words, (), (), "", 0, 0, len(arguments.text))
        return Script(arguments, (command,) if words else ())
    if not instruction.heredocs:
        return replace(_script(arguments), comments=instruction.inner_comments)
    if len(instruction.heredocs) > 1 or heredoc_marker(arguments.text) is None:
        return Script(arguments, (), "a heredoc given to a command")
    body = LogicalText.of_file(text, instruction.heredocs[0].body)
    if body.text.startswith("#!"):
        return Script(body, (), "a heredoc with an interpreter line")
    return _script(body)


def shell_script(text: str) -> Script:
    """A script that stands in no file, such as one of package.json."""
    return _script(LogicalText(text, (0,), (0,)))


def _script(source: LogicalText) -> Script:
    if len(source.text) > MAX_SCRIPT:
        return Script(source, (), "the script is too long")
    if "\r" in source.text:
        return Script(source, (), "the script has carriage returns, which the shell takes for text")
    parts, problem = shell_parts(source.text)
    return Script(source, parts, problem)
