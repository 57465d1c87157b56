"""Give a shell-form CMD or ENTRYPOINT its exec form.

What it does: `CMD node server.js` becomes `CMD ["node", "server.js"]`.
Why: the program is process 1 and receives signals, so that it can stop cleanly; an image without a shell can run it.
Left alone: a command that needs a shell (`$PORT`, `&&`, a glob, a builtin such as `cd`) or whose comment says that a
shell is meant; a stage with a SHELL of its own; a development server; an ENTRYPOINT where a CMD or arguments follow it,
since its shell form ignores them and its exec form would not; an array that is no JSON, which Docker gives to a shell.
Safety: safe. The same words reach the same program.
Source: https://docs.docker.com/reference/dockerfile/#shell-and-exec-form
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from dockerslim.dockerfile import Edit, Instruction, Stage
from dockerslim.engine.transform import Case, Example, Fix, Skip, Transform, Unchanged
from dockerslim.split.authors_comments import comment_that_says
from dockerslim.split.running import running_program
from dockerslim.split.start import start_of

NEEDS_SHELL = "the command needs a shell"
ARGUMENTS_FOLLOW = "the shell form of ENTRYPOINT ignores the CMD below it, the exec form would not"
NOT_JSON = "the array is no JSON, so that a shell gets it"
SHELL_ON_PURPOSE = "the comment above says that a shell is meant to start it"
SAYS_SHELL = re.compile(
    r"\bshell[ -](?:form|style)\b|\bsh['\"]?,? +['\"]?-c\b|/bin/(?:ba)?sh\b|\bneeds? (?:a|the) shell\b", re.IGNORECASE
)
COMMENT_INSIDE = "a comment stands inside the command"
BUILTINS = frozenset(
    ". : [ alias bg break cd command continue eval exec exit export false fg getopts hash jobs kill printf pwd read "
    "readonly return set shift source test time times trap true type ulimit umask unalias unset wait".split()
)

transform = Transform(
    id="use-exec-form",
    title="Give CMD and ENTRYPOINT their exec form",
    changes=frozenset({"CMD", "ENTRYPOINT"}),
    examples=(
        Example("plain words", "FROM x\nCMD node server.js\n", 'FROM x\nCMD ["node", "server.js"]\n'),
        Example(
            "an ENTRYPOINT that no CMD follows",
            "FROM x\nENTRYPOINT ./server --name 'a b'\n",
            'FROM x\nENTRYPOINT ["./server", "--name", "a b"]\n',
        ),
        Unchanged("already exec form", 'FROM x\nCMD ["node"]\n'),
        Unchanged("a variable", "FROM x\nCMD serve :$PORT\n", reason=NEEDS_SHELL),
        Unchanged("two commands", "FROM x\nCMD migrate && serve\n", reason=NEEDS_SHELL),
        Unchanged("a CMD below the ENTRYPOINT", 'FROM x\nENTRYPOINT ./server\nCMD ["-v"]\n', reason=ARGUMENTS_FOLLOW),
    ),
)


@transform.plan
def plan(case: Case) -> Iterator[Fix | Skip]:
    for stage in case.dockerfile.stages:
        if stage.last("SHELL") is not None or case.states[stage.index].final.shell is not None:
            continue
        for keyword in ("CMD", "ENTRYPOINT"):
            instruction = stage.last(keyword)
            if instruction is not None and not instruction.is_exec_form and instruction.value:
                if _is_for_development(case, stage):
                    break
                yield from _plan_instruction(case, stage, instruction)


def _is_for_development(case: Case, stage: Stage) -> bool:
    """A development server is started by a person who looks at its terminal: nothing is gained there."""
    start = start_of(case, stage)
    program = running_program(case, stage, start) if start is not None else None
    return program is not None and (bool(program.development_tool) or program.builds_at_start)


def _plan_instruction(case: Case, stage: Stage, instruction: Instruction) -> Iterator[Fix | Skip]:
    if _looks_like_json(instruction.value):
        yield Skip(instruction.span, NOT_JSON, help="put each word in double quotes, with a comma between them")
        return
    if instruction.inner_comments:
        yield Skip(instruction.span, COMMENT_INSIDE, help="put the comment above the instruction")
        return
    words = literal_words(case, instruction)
    if words is None:
        if instruction.value.startswith("exec "):
            return  # the shell makes place for the program: all that an exec form would bring
        is_one_program = len(case.script(instruction).parts) == 1
        help = "put `exec` before the program, so that it receives signals" if is_one_program else ""
        yield Skip(instruction.span, NEEDS_SHELL, help=help)
        return
    if instruction.keyword == "ENTRYPOINT" and _arguments_follow(case, stage):
        yield Skip(instruction.span, ARGUMENTS_FOLLOW, help="write the exec form yourself if the CMD is meant to count")
        return
    if instruction.keyword == "CMD" and case.states[stage.index].final.entrypoint is not None:
        entrypoint = case.states[stage.index].final.entrypoint
        if entrypoint is not None and entrypoint.instruction is not None:
            # `ENTRYPOINT ["x"]` gets `/bin/sh -c "..."` as its arguments: whatever that does, it isn't ours to change.
            return
    if comment_that_says(case, instruction, SAYS_SHELL) is not None:
        yield Skip(instruction.span, SHELL_ON_PURPOSE, help="take the comment out if it no longer holds")
        return
    yield Fix(
        (Edit(instruction.arguments_span, json.dumps(list(words), ensure_ascii=False)),),
        why="the program is process 1 and receives signals",
    )


def _looks_like_json(text: str) -> bool:
    """Not for the test `[ -f x ]`."""
    is_test = text[1:2] in (" ", "\t") and "," not in text
    return text.startswith("[") and text.endswith("]") and not is_test


def literal_words(case: Case, instruction: Instruction) -> tuple[str, ...] | None:
    """The words where a shell would do nothing but split them and start the program."""
    if instruction.inner_comments:
        return None
    script = case.script(instruction)
    if script.problem is not None or len(script.parts) != 1 or not script.commands:
        return None
    command = script.commands[0]
    if command.assignments or not command.is_literal or not command.arguments:
        return None
    if script.source.text.rstrip() != script.text(command.start, command.end):
        return None  # a trailing `;` or a comment
    words = command.arguments
    if words[0] == "exec" and len(words) > 1 and not words[1].startswith("-") and words[1] not in BUILTINS:
        return words[1:]
    if words[0] == "echo" and any(word.startswith("-") or "\\" in word for word in words[1:]):
        return None  # each shell's own echo makes something else of these
    return None if words[0] in BUILTINS else words


def _arguments_follow(case: Case, stage: Stage) -> bool:
    """Does a CMD, of this stage or of one that is built from it, or a compose file give the ENTRYPOINT arguments?"""
    entrypoint = case.states[stage.index].final.entrypoint
    for states in case.states:
        inherited = states.final.entrypoint
        if inherited is None or entrypoint is None or inherited.instruction is not entrypoint.instruction:
            continue
        if states.stage.last("CMD") is not None:
            return True
    return any(service.command for service in case.usage.services)
