"""A .dockerignore as Docker reads it.

Other than in a .gitignore: a pattern without a slash matches at the root only, spaces around it don't count, the
last rule that matches wins, and `!` brings back a file below a hidden folder.
"""

from __future__ import annotations

import posixpath
from dataclasses import dataclass, field

from dockerslim.context.ignore_pattern import InvalidPattern, Matcher, compile_pattern

_BLANKS = (
    "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"
)
"""What Go trims; Python's `strip` trims more."""

_LINE_LIMIT = 65_536
"""Bytes; Docker fails on a longer line."""

_WILDCARDS = frozenset("*?[]\\^")


@dataclass(frozen=True, slots=True)
class IgnoreRule:
    """One line that says something."""

    line: int
    """1-based."""
    text: str
    """As written, without the blanks around it."""
    pattern: str
    """Cleaned, without `!` and the leading slash."""
    shows: bool
    """True for `!`: what matches is not hidden."""
    matches: Matcher = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class IgnoreFile:
    """The rules of a .dockerignore, in order."""

    rules: tuple[IgnoreRule, ...] = ()
    error: str | None = None
    """Why Docker refuses the file (a build fails), or None. The line at fault is not among the rules."""
    _folders: dict[str, tuple[bool, ...]] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def parse(cls, text: str) -> IgnoreFile:
        """Read the text of a .dockerignore; what Docker refuses is told in `error`."""
        rules: list[IgnoreRule] = []
        error: str | None = None
        for number, line in enumerate(text.removeprefix("\ufeff").split("\n"), start=1):
            try:
                rule = _rule(number, line)
            except InvalidPattern as refusal:
                error = error or f"line {number}: {refusal}"
                continue
            if rule:
                rules.append(rule)
        return cls(tuple(rules), error)

    def hides(self, path: str) -> bool:
        """Is this file or folder (POSIX, relative to the context's root) kept out of the build context?"""
        path = _clean(path)
        if path == "." or not self.rules:
            return False
        return self._evaluate(path, self._matched_by_parents(path))[0]

    def rule_for(self, path: str) -> IgnoreRule | None:
        """The rule that decides about a path: the last that matches it or a folder above it; None where none does."""
        path = _clean(path)
        matched = self._evaluate(path, self._matched_by_parents(path))[1]
        return next((rule for rule, is_match in zip(self.rules[::-1], matched[::-1], strict=True) if is_match), None)

    def may_show_below(self, folder: str) -> bool:
        """Could a rule bring back something below this hidden folder?"""
        prefix = _clean(folder) + "/"
        return any(
            rule.shows and (rule.pattern.startswith(prefix) or not _WILDCARDS.isdisjoint(rule.pattern))
            for rule in self.rules
        )

    def _matched_by_parents(self, path: str) -> tuple[bool, ...]:
        """Which rules match a folder above `path`.

        As in BuildKit's walk from the top, a rule that could change nothing at a folder isn't tried there, and is
        not held to have matched it.
        """
        matched: tuple[bool, ...] = (False,) * len(self.rules)
        end = path.rfind("/")
        missing: list[str] = []
        while end > 0:
            known = self._folders.get(path[:end])
            if known is not None:
                matched = known
                break
            missing.append(path[:end])
            end = path.rfind("/", 0, end)
        for folder in reversed(missing):
            matched = self._folders[folder] = self._evaluate(folder, matched)[1]
        return matched

    def _evaluate(self, path: str, inherited: tuple[bool, ...]) -> tuple[bool, tuple[bool, ...]]:
        """Whether the path is hidden, and which rules match it or a folder above it."""
        hidden = False
        matched = list(inherited)
        for index, rule in enumerate(self.rules):
            if not matched[index]:
                if rule.shows is not hidden or not rule.matches(path):
                    continue
                matched[index] = True
            hidden = not rule.shows
        return hidden, tuple(matched)


def _rule(number: int, line: str) -> IgnoreRule | None:
    """The rule in a line, or None in a comment or an empty line."""
    if len(line) >= _LINE_LIMIT:
        raise InvalidPattern("the line is too long")
    text = line.strip(_BLANKS)
    if line.startswith("#") or not text:
        return None
    shows = text.startswith("!")
    pattern = text[1:].strip(_BLANKS) if shows else text
    if pattern:
        pattern = _clean(pattern)
        if len(pattern) > 1:
            pattern = pattern.removeprefix("/")
    if shows:
        # Docker cleans once more with the mark in front, which makes nothing of "!/".
        again = _clean("!" + pattern)
        shows, pattern = again.startswith("!"), again.removeprefix("!")
        if not pattern:
            raise InvalidPattern('illegal exclusion pattern: "!"')
    return IgnoreRule(number, text, pattern, shows, compile_pattern(pattern))


def _clean(path: str) -> str:
    """Go's `path.Clean`."""
    cleaned = posixpath.normpath(path)
    return cleaned[1:] if cleaned.startswith("//") else cleaned
