"""Measure, before parsing, how deep Python source nests.

The parser recurses with the source's nesting: thousands of operators in one expression overflow its stack and end the
process, and deep brackets take it quadratic time. No real program comes near; a hostile one is left unread.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

DEEPEST_BRACKETS = 60
LONGEST_CHAIN = 500
"""Operators, calls and adjacent strings in one expression without a comma."""
MOST_LAMBDAS = 50
LONGEST_REPLACEMENT_FIELD = 1_500
"""Characters between the braces of an f-string."""
MOST_WORK = 2_000_000

_TOKEN = re.compile(
    r"""
      (?P<comment> \#[^\n]* )
    | (?P<string> (?P<prefix> (?: \b[A-Za-z]{1,2} )? )
        (?: \"\"\" (?: [^"\\] | \\. | "(?!"") )*+ (?: \"\"\" | \Z )
          | ''' (?: [^'\\] | \\. | '(?!'') )*+ (?: ''' | \Z )
          | " (?: [^"\\\n] | \\. )*+ "?
          | ' (?: [^'\\\n] | \\. )*+ '?
        ) )
    | (?P<continuation> \\\r?\n )
    | (?P<newline> \n )
    | (?P<open> [(\[{] )
    | (?P<close> [)\]}] )
    | (?P<comma> [,;] )
    | (?P<lambda> (?<![A-Za-z_])lambda\b )
    | (?P<elif> \belif\b )
    | (?P<link> [.+\-*/%&|^~<>=@!]+ | (?<![A-Za-z_])(?:if|else|and|or|not|in|is|await|for)\b )
    """,
    re.VERBOSE | re.DOTALL,
)


@dataclass(slots=True)
class _Depth:
    chains: list[int] = field(default_factory=lambda: [0])
    """Links since the last comma, for each open bracket; the statement itself at the bottom."""
    lambdas: int = 0
    branches: int = 0
    deepest: int = 0
    longest: int = 0
    work: int = 0

    def link(self, count: int = 1) -> bool:
        self.chains[-1] += count
        self.longest = max(self.longest, self.chains[-1])
        return self.chains[-1] > LONGEST_CHAIN

    def open(self) -> bool:
        too_long = self.link()
        self.chains.append(0)
        self.deepest = max(self.deepest, len(self.chains))
        return too_long or len(self.chains) > DEEPEST_BRACKETS

    def end_line(self) -> bool:
        if len(self.chains) > 1:
            return False
        self.work += self.deepest * self.deepest + self.longest * self.longest // 10
        self.chains[:] = [0]
        self.lambdas = self.deepest = self.longest = 0
        return self.work > MOST_WORK


def is_too_deep(text: str) -> bool:
    """Would the parser be hurt by this source?"""
    depth = _Depth()
    for token in _TOKEN.finditer(text):
        kind = token.lastgroup
        if kind == "comma":
            depth.chains[-1] = 0
        elif kind == "newline":
            if depth.end_line():
                return True
        elif kind == "open":
            if depth.open():
                return True
        elif kind == "close":
            if len(depth.chains) > 1:
                depth.chains.pop()
        elif kind == "link":
            # each sign of a run may be an operator of its own: `- - 1` and `--1`
            if depth.link(len(token[0]) if not token[0].isalpha() else 1):
                return True
        elif kind == "string":
            if depth.link() or ("f" in token["prefix"].lower() and _has_long_field(token["string"])):
                return True
        elif kind == "lambda":
            depth.lambdas += 1
            if depth.lambdas > MOST_LAMBDAS or depth.link():
                return True
        elif kind == "elif":
            depth.branches += 1
            if depth.branches > LONGEST_CHAIN:
                return True
    return False


def _has_long_field(string: str) -> bool:
    """Is there much text, or are there many braces, in a replacement field of an f-string?"""
    depth = 0
    start = 0
    for brace in re.finditer(r"\{\{|\}\}|[{}]", string):
        for mark in brace[0] if depth or len(brace[0]) == 1 else "":
            if mark == "{":
                start = start if depth else brace.start()
                depth += 1
            else:
                depth = max(0, depth - 1)
            if depth > 10 or (depth == 0 and brace.end() - start > LONGEST_REPLACEMENT_FIELD and start):
                return True
        if depth == 0:
            start = 0
    return depth > 0 and len(string) - start > LONGEST_REPLACEMENT_FIELD
