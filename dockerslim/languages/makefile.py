"""What `make` would run, read from a Makefile as data: nothing of it is run.

Only what can be told by reading is told: plain variables, rules, prerequisites, exported variables. A value that the
shell or a function of make computes becomes a shell variable of the same name, so that whoever reads the command sees
that it is computed. What decides which commands run and can't be told is a problem, which names itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from dockerslim.languages.make_command import MakeProblem

NAMES = ("GNUmakefile", "makefile", "Makefile")
"""In the order in which make looks for them."""

_ASSIGNMENT = re.compile(
    r"(?P<export>export\s+)?(?:override\s+)?(?P<name>[\w.-]+)\s*(?P<kind>:{0,3}|[?+!])=(?P<value>.*)"
)
_CONDITION = re.compile(r"(ifeq|ifneq|ifdef|ifndef)\b")
_DIRECTIVE = re.compile(r"(define|vpath|load|\.ONESHELL|\.RECIPEPREFIX|\.SECONDEXPANSION)\b")
_STEPS = 30
"""How deep variables and prerequisites are followed."""
_LONGEST = 20_000
"""Characters that a value may grow to."""
_BUILT_IN = {"RM": "rm -f", "MAKE": "make", "AR": "ar", "CC": "cc", "SHELL": "/bin/sh"}


@dataclass(frozen=True, slots=True)
class Recipe:
    """One line of a recipe: the text that the shell gets, and the Makefile's line."""

    text: str
    line: int


@dataclass(frozen=True, slots=True)
class _Variable:
    value: str
    is_simple: bool = False
    """`:=`: it is expanded where it stands."""


@dataclass(slots=True)
class _Rule:
    prerequisites: tuple[str, ...] = ()
    recipe: list[Recipe] = field(default_factory=list)
    problem: str = ""


@dataclass(slots=True)
class Makefile:
    """A Makefile as read. `exported` are the variables that recipes find in their environment."""

    variables: dict[str, _Variable] = field(default_factory=dict)
    rules: dict[str, _Rule] = field(default_factory=dict)
    phony: set[str] = field(default_factory=set)
    exported: set[str] = field(default_factory=set)
    computed: set[str] = field(default_factory=set)
    """Variables that a condition decides."""
    fixed: frozenset[str] = frozenset()
    """Variables of the command line, which the file doesn't change."""
    first_goal: str = ""


def read_makefile(
    text: str, variables: Mapping[str, str], environment: Mapping[str, str], is_there: Callable[[str], bool]
) -> Makefile:
    """Reads a Makefile's text. `variables` are those of the command line, which win over the file's.

    `is_there` says whether a file or folder lies at a path relative to the folder that make works in.
    """
    made = Makefile(fixed=frozenset(variables))
    for name, value in _BUILT_IN.items():
        made.variables[name] = _Variable(value, is_simple=True)
    for name, value in environment.items():
        made.variables[name] = _Variable(value, is_simple=True)
    for name, value in variables.items():
        made.variables[name] = _Variable(value)
    made.exported |= environment.keys() | variables.keys()
    depth = 0
    targets: tuple[str, ...] = ()
    for number, line in _logical_lines(text):
        if line.startswith("\t") and targets:
            for target in targets:
                _add_recipe(made.rules[target], line, number, is_conditional=depth > 0)
            continue
        plain = _without_comment(line).strip()
        if not plain:
            continue
        if _CONDITION.match(plain):
            depth += 1
        elif plain == "endif":
            depth -= 1
        elif plain.split()[0] == "else":
            continue
        elif _DIRECTIVE.match(plain):
            raise MakeProblem(f"the Makefile uses `{plain.split()[0].rstrip(':')}` (line {number})")
        elif plain.startswith(("include ", "-include ", "sinclude ")):
            _check_include(plain, number, is_there)
        elif (assignment := _ASSIGNMENT.fullmatch(plain)) is not None:
            _assign(made, assignment, is_conditional=depth > 0)
            targets = ()
        elif plain.split()[0] == "export":
            made.exported |= set(plain.split()[1:] or made.variables)
            targets = ()
        elif plain.split()[0] == "unexport":
            made.exported -= set(plain.split()[1:])
            targets = ()
        elif ":" in plain:
            targets = _add_rule(made, plain, number, is_conditional=depth > 0)
        else:
            raise MakeProblem(f"line {number} of the Makefile is not understood")
    return made


def recipes(makefile: Makefile, goals: Sequence[str], folder: str, is_there: Callable[[str], bool]) -> list[Recipe]:
    """The lines that make runs for the goals, in order. Raises MakeProblem where that can't be told."""
    makefile.variables.setdefault("CURDIR", _Variable(folder, is_simple=True))
    makefile.variables.setdefault("PWD", _Variable(folder, is_simple=True))
    default = makefile.variables.get(".DEFAULT_GOAL")
    wanted = tuple(goals) or ((default.value if default else makefile.first_goal),)
    found: list[Recipe] = []
    done: set[str] = set()
    for goal in wanted:
        _run(makefile, goal, is_there, found, done, 0, is_goal=True)
    return found


def environment_of(makefile: Makefile) -> dict[str, str | None]:
    """The variables that a recipe's commands find; None where the value is computed."""
    found: dict[str, str | None] = {}
    for name in makefile.exported:
        if name in makefile.variables:
            value = _expand(makefile, f"$({name})", {})
            found[name] = None if "$" in value else value
    return found


# --- reading


def _logical_lines(text: str) -> list[tuple[int, str]]:
    found: list[tuple[int, str]] = []
    waiting = ""
    start = 0
    for number, line in enumerate(text.replace("\r\n", "\n").split("\n"), 1):
        start = start if waiting else number
        if line.endswith("\\"):
            # A recipe's shell sees the continuation, elsewhere it is a blank.
            waiting += line[:-1] + " "
            continue
        found.append((start, waiting + (line.lstrip() if waiting else line)))
        waiting = ""
    if waiting:
        found.append((start, waiting))
    return found


def _without_comment(line: str) -> str:
    return re.split(r"(?<!\\)#", line, maxsplit=1)[0]


def _check_include(plain: str, number: int, is_there: Callable[[str], bool]) -> None:
    words = plain.split()
    if words[0] != "include" and not any("$" in word or "*" in word or is_there(word) for word in words[1:]):
        return
    raise MakeProblem(f"the Makefile includes another file (line {number})")


def _assign(made: Makefile, found: re.Match[str], *, is_conditional: bool) -> None:
    name, kind, value = found["name"], found["kind"], found["value"].strip()
    if found["export"]:
        made.exported.add(name)
    if name in made.fixed:
        return
    if is_conditional:
        made.computed.add(name)
        made.variables.setdefault(name, _Variable(""))
        return
    if kind == "?" and name in made.variables and name not in made.computed:
        return
    if kind == "!":
        made.computed.add(name)
        return
    before = made.variables.get(name)
    if kind == "+" and before is not None:
        made.variables[name] = _Variable(f"{before.value} {value}".strip(), before.is_simple)
        return
    if kind.startswith(":"):
        made.variables[name] = _Variable(_expand(made, value, {}), is_simple=True)
    else:
        made.variables[name] = _Variable(value)
    made.computed.discard(name)


def _add_rule(made: Makefile, plain: str, number: int, *, is_conditional: bool) -> tuple[str, ...]:
    left, _, right = plain.partition(":")
    targets = tuple(_expand(made, left, {}).split())
    problem = ""
    if right.startswith(":"):
        problem = f"a rule with two colons (line {number})"
    elif is_conditional:
        problem = f"a condition of the Makefile decides its rule (line {number})"
    elif any("%" in target or "$" in target for target in targets):
        problem = f"a pattern (line {number})"
    before, semicolon, recipe = right.partition(";")
    if _ASSIGNMENT.fullmatch(before.strip()) or ":" in before:
        problem = problem or f"a variable of its own (line {number})"
        before = ""
    prerequisites = tuple(word for word in _expand(made, before, {}).split() if word != "|")
    if targets == (".PHONY",):
        made.phony |= set(prerequisites)
        return ()
    for target in targets:
        rule = made.rules.setdefault(target, _Rule())
        rule.prerequisites = (*rule.prerequisites, *prerequisites)
        rule.problem = rule.problem or problem
        if semicolon:
            rule.recipe.append(Recipe(recipe.strip(), number))
        if not made.first_goal and not target.startswith(".") and "%" not in target:
            made.first_goal = target
    return targets


def _add_recipe(rule: _Rule, line: str, number: int, *, is_conditional: bool) -> None:
    if is_conditional:
        rule.problem = rule.problem or f"a condition of the Makefile decides what it runs (line {number})"
    rule.recipe.append(Recipe(line[1:].strip(), number))


# --- expanding


def _expand(made: Makefile, text: str, automatic: Mapping[str, str], steps: int = 0) -> str:
    """Variables replaced; one that is computed stays as a shell variable."""
    if "$" not in text or steps > _STEPS:
        return text if steps <= _STEPS else "$COMPUTED"
    found: list[str] = []
    place = 0
    while place < len(text):
        char = text[place]
        if char != "$" or place + 1 == len(text):
            found.append(char)
            place += 1
            continue
        following = text[place + 1]
        if following == "$":
            found.append("$")
            place += 2
        elif following in "({":
            end = _closing(text, place + 1)
            found.append(_value(made, text[place + 2 : end], automatic, steps))
            place = end + 1
        else:
            found.append(_value(made, following, automatic, steps))
            place += 2
        if sum(map(len, found)) > _LONGEST:
            raise MakeProblem("a variable of the Makefile has no end")
    return "".join(found)


def _closing(text: str, start: int) -> int:
    opening = text[start]
    closing = ")" if opening == "(" else "}"
    depth = 0
    for place in range(start, len(text)):
        depth += (text[place] == opening) - (text[place] == closing)
        if depth == 0:
            return place
    raise MakeProblem("a variable of the Makefile is not closed")


def _value(made: Makefile, name: str, automatic: Mapping[str, str], steps: int) -> str:
    if name in automatic:
        return automatic[name]
    if not re.fullmatch(r"[\w.-]+", name) or name in made.computed:
        return "$" + (re.sub(r"\W", "_", name)[:40] or "COMPUTED")
    variable = made.variables.get(name)
    if variable is None:
        return ""
    return variable.value if variable.is_simple else _expand(made, variable.value, automatic, steps + 1)


# --- running


def _run(
    made: Makefile,
    target: str,
    is_there: Callable[[str], bool],
    found: list[Recipe],
    done: set[str],
    depth: int,
    *,
    is_goal: bool = False,
) -> None:
    if target in done:
        return
    done.add(target)
    if depth > _STEPS:
        raise MakeProblem("the Makefile's rules have no end")
    rule = made.rules.get(target)
    if rule is None:
        if is_goal or not is_there(target):
            raise MakeProblem(f"the Makefile has no rule for `{target}`")
        return
    if rule.problem:
        raise MakeProblem(f"`{target}` of the Makefile has {rule.problem}")
    for prerequisite in rule.prerequisites:
        if "$" in prerequisite:
            raise MakeProblem(f"what `{target}` of the Makefile needs is computed")
        _run(made, prerequisite, is_there, found, done, depth + 1)
    if target not in made.phony and rule.recipe and is_there(target):
        raise MakeProblem(f"whether make finds `{target}` up to date is not known")
    automatic = {
        "@": target,
        "<": rule.prerequisites[0] if rule.prerequisites else "",
        "^": " ".join(dict.fromkeys(rule.prerequisites)),
    }
    for line in rule.recipe:
        text = _expand(made, line.text, automatic).lstrip("@-+ \t")
        if text and not text.startswith("#"):
            found.append(Recipe(text, line.line))
