"""The text of a package.json script, as `sh -c` would read it: simple commands with literal words."""

from __future__ import annotations

from dataclasses import dataclass

_OPERATORS = ("&&", "||", ";;", ";", "|", "&", "\n")
_LIMIT = 8_000


@dataclass(frozen=True, slots=True)
class ScriptCommand:
    """One simple command."""

    words: tuple[str, ...]
    environment: tuple[tuple[str, str], ...] = ()
    """`NAME=value` before it."""
    operator: str = ""
    """What stands between it and the command before: `&&`, `||`, `;`, `|`, `&`; "" for the first."""
    is_literal: bool = True
    """False where a word holds a variable, a substitution or a glob, and is here as written."""


@dataclass(frozen=True, slots=True)
class ScriptText:
    """The commands in order, and what of a shell they use."""

    commands: tuple[ScriptCommand, ...]
    features: tuple[str, ...] = ()
    """Like `&&`, `$`, `>`: what an exec form can't say."""
    problem: str | None = None
    """Why the commands are not to be trusted, as with a quote that is never closed."""


def parse_script(text: str) -> ScriptText:
    """Cut a script into simple commands. Compound commands (`if`, `(…)`, functions) are a problem."""
    if len(text) > _LIMIT:
        return ScriptText((), (), "the script is too long")
    reader = _Reader(text)
    return reader.read()


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.commands: list[ScriptCommand] = []
        self.features: dict[str, None] = {}
        self.problem: str | None = None
        self.words: list[str] = []
        self.word: list[str] | None = None
        self.literal = True
        self.operator = ""

    def read(self) -> ScriptText:
        position = 0
        while position < len(self.text) and self.problem is None:
            position = self._step(position)
        self._end_command("")
        if self.commands and self.commands[0].words and self.commands[0].words[0] in _KEYWORDS:
            self.problem = f"`{self.commands[0].words[0]}` is more shell than this can read"
        return ScriptText(tuple(self.commands), tuple(self.features), self.problem)

    def _step(self, position: int) -> int:
        text, character = self.text, self.text[position]
        operator = next((op for op in _OPERATORS if text.startswith(op, position)), None)
        if operator is not None and not (operator == "&" and self._is_redirection(position)):
            self.features[operator.strip() or ";"] = None
            self._end_command(operator)
            return position + len(operator)
        if character in " \t\r":
            self._end_word()
        elif character == "\\":
            self._add(text[position + 1 : position + 2])
            return position + 2
        elif character in "'\"":
            return self._quoted(position, character)
        elif character in "<>":
            return self._redirection(position)
        elif character in "()" or (character in "{}" and self.word is None and self._stands_alone(position)):
            self.problem = f"`{character}` is more shell than this can read"
        elif character == "#" and self.word is None:
            end = text.find("\n", position)
            return end if end >= 0 else len(text)
        else:
            if character in "$`":
                self._mark("$")
            elif character in "*?[":
                self._mark("*")
            elif character == "~" and self.word is None:
                self._mark("~")
            self._add(character)
        return position + 1

    def _quoted(self, position: int, quote: str) -> int:
        text = self.text
        self._add("")
        position += 1
        while position < len(text):
            character = text[position]
            if character == quote:
                return position + 1
            if quote == '"' and character == "\\" and text[position + 1 : position + 2] in ('"', "\\", "$", "`"):
                position += 1
                character = text[position]
            elif quote == '"' and character in "$`":
                self._mark("$")
            self._add(character)
            position += 1
        self.problem = "a quote is never closed"
        return position

    def _redirection(self, position: int) -> int:
        """Redirections are a feature; their target is no word of the command."""
        self.features[self.text[position]] = None
        if self.word is not None and "".join(self.word).isdecimal():
            self.word = None  # the 2 of 2>
        self._end_word()
        while position < len(self.text) and self.text[position] in "<>&|":
            position += 1
        while position < len(self.text) and self.text[position] in " \t":
            position += 1
        while position < len(self.text) and self.text[position] not in " \t\r\n;|&<>":
            position += 1
        return position

    def _is_redirection(self, position: int) -> bool:
        return self.text[position + 1 : position + 2] == ">"

    def _stands_alone(self, position: int) -> bool:
        return self.text[position + 1 : position + 2] in ("", " ", "\t", "\n", ";")

    def _mark(self, feature: str) -> None:
        self.features[feature] = None
        self.literal = False

    def _add(self, characters: str) -> None:
        if self.word is None:
            self.word = []
        self.word.append(characters)

    def _end_word(self) -> None:
        if self.word is not None:
            self.words.append("".join(self.word))
            self.word = None

    def _end_command(self, operator: str) -> None:
        self._end_word()
        environment: list[tuple[str, str]] = []
        words = self.words
        while words and is_assignment(words[0]):
            name, _, value = words[0].partition("=")
            environment.append((name, value))
            words = words[1:]
        if words or environment:
            self.commands.append(ScriptCommand(tuple(words), tuple(environment), self.operator, self.literal))
            self.operator = ""
        self.operator = (operator.strip() or ";") if operator else self.operator
        self.words, self.literal = [], True


_KEYWORDS = frozenset({"if", "for", "while", "until", "case", "function", "select", "then", "do"})


def is_assignment(word: str) -> bool:
    """`NAME=value`"""
    name, equals, _ = word.partition("=")
    return bool(equals) and name.isidentifier() and name.isascii()
