"""Edits that keep a file's layout: lines put in or taken out whole, mounts and commands of a RUN."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence

from dockerslim.dockerfile.document import Dockerfile, Stage
from dockerslim.dockerfile.edit import Edit
from dockerslim.dockerfile.instruction import Instruction
from dockerslim.dockerfile.shell import Script, ShellCommand
from dockerslim.dockerfile.span import Span

INDENT = "    "
OPERATOR = re.compile(r"[ \t]*(?:&&|;|\n)")
COMMENTED_OUT = re.compile(r"#+[ \t]*(?:ADD|ARG|CMD|COPY|ENTRYPOINT|ENV|EXPOSE|LABEL|RUN|USER|VOLUME|WORKDIR)[ \t]")


def insert_before(dockerfile: Dockerfile, instruction: Instruction, text: str) -> Edit:
    """Puts whole lines (`text` ends in a newline) before an instruction and its own comment lines."""
    start = dockerfile.lines.line_start(instruction.block_start)
    if start == 0 and dockerfile.text.startswith("\ufeff"):
        start = 1
    return Edit(Span(start, start), cased(text, dockerfile))


def insert_after(dockerfile: Dockerfile, instruction: Instruction, text: str) -> Edit:
    """Puts whole lines (`text` ends in a newline) right after an instruction."""
    end = dockerfile.lines.line_end(instruction.span.end)
    if end and dockerfile.text[end - 1] == "\n" and end > instruction.span.end:
        return Edit(Span(end, end), cased(text, dockerfile))
    return Edit(Span(end, end), "\n" + cased(text, dockerfile).removesuffix("\n"))


def insert_below(dockerfile: Dockerfile, stage: Stage, instruction: Instruction, text: str) -> Edit:
    """`insert_after`, in a paragraph of its own where the stage's instruction stands in one."""
    order = (stage.from_, *stage.instructions)
    above = order[order.index(instruction) - 1]
    between = dockerfile.text[dockerfile.lines.line_end(above.span.end) : instruction.block_start]
    stands_apart = between.replace("\r\n", "\n").startswith("\n")
    end = remarks_end(dockerfile, instruction)
    if end > dockerfile.lines.line_end(instruction.span.end):
        return Edit(Span(end, end), "\n" + cased(text, dockerfile))
    edit = insert_after(dockerfile, instruction, text)
    return Edit(edit.span, "\n" + edit.text) if stands_apart else edit


def remarks_end(dockerfile: Dockerfile, instruction: Instruction) -> int:
    """The end of an instruction's lines and of the comments right below it that belong to it.

    Those end in an instruction that is commented out, and a blank line sets them apart from what follows.
    """
    place = end = dockerfile.lines.line_end(instruction.span.end)
    text = dockerfile.text
    last = ""
    while (line := text[place : text.find("\n", place) + 1]).lstrip(" \t").startswith("#"):
        place += len(line)
        last = line
    is_apart = place > end and "\n" in (line := text[place : text.find("\n", place) + 1]) and not line.strip()
    return place if is_apart and text[place:].strip() and COMMENTED_OUT.match(last.strip()) else end


def remove(dockerfile: Dockerfile, instruction: Instruction, *, with_comments: bool = True) -> Edit:
    """Takes an instruction out with its lines and its comments; of the blank lines that meet, the longer run stays."""
    return _remove_lines(dockerfile, _lines_of(dockerfile, instruction, with_comments=with_comments))


def remove_all(dockerfile: Dockerfile, instructions: Iterable[Instruction]) -> list[Edit]:
    """Takes instructions out as `remove` does; those with only blank lines between them go as one."""
    runs: list[Span] = []
    for instruction in sorted(instructions, key=lambda i: i.span.start):
        lines = _lines_of(dockerfile, instruction)
        if runs and not dockerfile.text[runs[-1].end : lines.start].strip():
            runs[-1] = Span(runs[-1].start, lines.end)
        else:
            runs.append(lines)
    return [_remove_lines(dockerfile, lines) for lines in runs]


def _lines_of(dockerfile: Dockerfile, instruction: Instruction, *, with_comments: bool = True) -> Span:
    """The whole lines of an instruction, a byte order mark left out."""
    start = dockerfile.lines.line_start(instruction.block_start if with_comments else instruction.span.start)
    if start == 0 and dockerfile.text.startswith("\ufeff"):
        start = 1
    return Span(start, dockerfile.lines.line_end(instruction.span.end))


def _remove_lines(dockerfile: Dockerfile, lines: Span) -> Edit:
    text = dockerfile.text
    start, end = lines.start, lines.end
    above = _blank_lines(text, start, -1)
    below = _blank_lines(text, end, 1)
    if end == len(text) or (below and below[-1] == len(text)):
        # Nothing follows: the blank lines above would be the end of the file.
        start = above[-1] if above else start
        end = below[-1] if below else end
        if start > 1 and not text.endswith("\n"):
            start -= 2 if text[:start].endswith("\r\n") else 1
    elif not text[:start].strip("\ufeff \t\r\n"):
        end = below[-1] if below else end
    elif above and below:
        end = below[min(len(above), len(below)) - 1]
    return Edit(Span(start, end), "")


def _blank_lines(text: str, place: int, step: int) -> list[int]:
    """The far ends of the blank lines from a line's start on, nearest first: below with step 1, above with -1."""
    ends: list[int] = []
    while True:
        if step > 0:
            newline = text.find("\n", place)
            far = newline + 1 if newline >= 0 else len(text)
            line = text[place:far]
        else:
            far = text.rfind("\n", 0, max(place - 1, 0)) + 1
            line = text[far:place]
        if far == place or line.strip(" \t\r\n"):
            return ends
        ends.append(far)
        place = far


def block_text(dockerfile: Dockerfile, instruction: Instruction, without: Sequence[Span] = ()) -> str:
    """The instruction with its own comment lines as they stand, line ends as `\\n`, one newline at the end.

    `without` are places of its text that are left out.
    """
    return _whole_lines(dockerfile, instruction, instruction.block_start, without)


def instruction_text(dockerfile: Dockerfile, instruction: Instruction) -> str:
    """The instruction alone as it stands, line ends as `\\n`, one newline at the end."""
    return _whole_lines(dockerfile, instruction, instruction.span.start)


def _whole_lines(dockerfile: Dockerfile, instruction: Instruction, place: int, without: Sequence[Span] = ()) -> str:
    start = dockerfile.lines.line_start(place)
    text = dockerfile.text[start : _closed_end(dockerfile, instruction)]
    for span in sorted(without, key=lambda span: span.start, reverse=True):
        text = text[: span.start - start] + text[span.end - start :]
    return text.replace("\r\n", "\n").lstrip("\ufeff") + "\n"


def _closed_end(dockerfile: Dockerfile, instruction: Instruction) -> int:
    """Where an instruction ends for whoever writes below it: before an escape that the end of the file left open."""
    end = instruction.span.end
    if instruction.heredocs:
        return end
    last = max(
        instruction.keyword_span.end, *(flag.span.end for flag in instruction.flags), instruction.arguments_span.end
    )
    return last if dockerfile.text[last:end].strip() else end


def is_lower_case(dockerfile: Dockerfile) -> bool:
    """Does the file write its keywords in lower case? The linter wants one casing in a file."""
    lower = sum(1 for i in dockerfile.instructions if i.keyword_span.cut(dockerfile.text).islower())
    return lower * 2 > len(dockerfile.instructions)


def naming_keyword(dockerfile: Dockerfile) -> str:
    """`AS` of FROM as most stages of the file write it, or in the casing of its other keywords where none does."""
    written = [i.words[1].text for i in dockerfile.instructions if i.keyword == "FROM" and len(i.words) == 3]
    lower = sum(1 for word in written if word.islower())
    is_lower = lower * 2 > len(written) if written else is_lower_case(dockerfile)
    return "as" if is_lower else "AS"


def cased(text: str, dockerfile: Dockerfile) -> str:
    """New text with its keywords in the casing of the file."""
    is_lower = is_lower_case(dockerfile)
    naming = naming_keyword(dockerfile)
    if not is_lower and naming == "AS":
        return text
    made = Dockerfile.of_text(text)
    for instruction in reversed(made.instructions):
        if instruction.keyword == "FROM" and len(instruction.words) == 3:
            name = instruction.words[1].span
            text = text[: name.start] + naming + text[name.end :]
        if is_lower:
            span = instruction.keyword_span
            text = text[: span.start] + span.cut(text).lower() + text[span.end :]
    return text


def continuation_indent(dockerfile: Dockerfile) -> str:
    """How deep the file's own continuation lines stand; four blanks where there are none."""
    found: Counter[str] = Counter()
    for instruction in dockerfile.instructions:
        if instruction.last_line == instruction.first_line or instruction.heredocs:
            continue
        lines = instruction.span.cut(dockerfile.text).split("\n")[1:]
        for line in lines:
            indent = line[: len(line) - len(line.lstrip(" \t"))]
            if indent and line.strip():
                found[indent] += 1
    return found.most_common(1)[0][0] if found else INDENT


def add_mounts(dockerfile: Dockerfile, instruction: Instruction, mounts: Sequence[str], prefix: str = "") -> Edit:
    """Puts `--mount` options on a RUN, each on its own line, and `prefix` before its command."""
    text = dockerfile.text
    command = instruction.arguments_span.start
    flags_end = instruction.flags[-1].span.end if instruction.flags else instruction.keyword_span.end
    between = text[flags_end:command]
    has_own_line = "\n" in between
    indent = between.rpartition("\n")[2] if has_own_line else continuation_indent(dockerfile)
    joint = f" {dockerfile.escape}\n{indent}"
    lines = joint.join(mounts)
    before = joint if instruction.flags else " "
    if not instruction.value:
        return Edit(Span(flags_end, flags_end), f"{before}{lines}")
    if instruction.value.startswith("#"):
        joint = " "  # on a line of its own it would be a comment of the Dockerfile, not of the shell
    if not has_own_line:
        if not instruction.flags:
            return Edit(Span(command, command), f"{lines}{joint}{prefix}")
        return Edit(Span(flags_end, command), f"{before}{lines}{joint}{prefix}")
    # The command already stands on a line of its own: the mounts go before the continuation.
    if not prefix:
        return Edit(Span(flags_end, flags_end), f"{before}{lines}")
    kept = between.replace("\r\n", "\n")
    return Edit(Span(flags_end, command), f"{before}{lines}{kept}{prefix}")


def remove_command(script: Script, command: ShellCommand) -> Edit | None:
    """Takes one command with its operator out of a chain; None where `remove_commands` gives up."""
    edits = remove_commands(script, (command,))
    return edits[0] if edits else None


def remove_commands(script: Script, commands: Collection[ShellCommand]) -> list[Edit] | None:
    """Takes commands with their operators out of a chain, what is left running under the same conditions.

    None where nothing would be left, or where one is joined by anything but `&&` and `;`.
    """
    parts = script.parts
    gone = [any(part is command for command in commands) for part in parts]
    if sum(gone) != len(commands) or all(gone):
        return None
    edits: list[Edit] = []
    first = 0
    while first < len(parts):
        if not gone[first]:
            first += 1
            continue
        last = first
        while last + 1 < len(parts) and gone[last + 1]:
            last += 1
        joints = [part.operator for part in parts[first : last + 2]]
        if not {"", "&&", ";"}.issuperset(joints):
            return None
        edits.append(Edit(_cut(script, first, last), ""))
        first = last + 1
    return edits


def _cut(script: Script, first: int, last: int) -> Span:
    """What goes with the commands from `first` to `last`: the operator that would otherwise change a condition.

    `a; c && b` becomes `a; b`, as c was there only to run; `a && c; b` becomes `a; b`.
    """
    parts = script.parts
    start, end = parts[first].start, parts[last].end
    follows_more_freely = last + 1 == len(parts) or parts[last + 1].operator == ";"
    if first and (follows_more_freely or parts[first].operator == "&&"):
        return Span(script.span(0, parts[first - 1].end).end, script.span(start, end).end)
    following = parts[last + 1].start
    gap = Span(script.span(start, end).end, script.span(following, following + 1).start)
    between = script.text(end, following)
    if "#" not in between and not any(gap.touches(comment) for comment in script.comments):
        return Span(script.span(start, end).start, gap.end)
    # A comment of the next command stays; the operator goes, and the blanks behind it on its line.
    operator = OPERATOR.match(between)
    stop = end + (operator.end() if operator else 0)
    while between[stop - end : stop - end + 1] in (" ", "\t") and script.text(stop - 1, stop) != "\n":
        if script.span(stop, stop + 1).start > script.span(stop - 1, stop).end:
            break
        stop += 1
    return Span(script.span(start, end).start, script.span(start, stop).end)
