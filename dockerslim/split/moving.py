"""Cuts one stage in two: what only builds stays, what only runs moves below, what both need is in both."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from dockerslim.case import Case
from dockerslim.dockerfile import Dockerfile, Edit, Instruction, Span, Stage
from dockerslim.dockerfile.layout import block_text, cased, instruction_text, naming_keyword, remarks_end, remove_all
from dockerslim.split.paragraphs import with_paragraphs

BUILD_NAME = "build"


@dataclass(frozen=True, slots=True)
class Block:
    """Author's text for the runtime stage: the instruction as it stands, with its comments where it moves."""

    text: str
    instruction: Instruction


def free_stage_name(dockerfile: Dockerfile, wanted: str = BUILD_NAME) -> str:
    """`build`, or `build-2` and so on where that is taken by a stage or by an image that FROM or COPY names."""
    taken = {stage.name for stage in dockerfile.stages} | {stage.base.lower() for stage in dockerfile.stages}
    taken |= {i.flag_value("from") for i in dockerfile.instructions if i.flag("from")}
    name = wanted
    number = 2
    while name in taken:
        name = f"{wanted}-{number}"
        number += 1
    return name


def blocks(
    case: Case,
    stage: Stage,
    instructions: Iterable[Instruction],
    moving: Collection[Instruction],
    *,
    continued: bool = False,
) -> list[Block]:
    """The author's text of instructions that the runtime stage needs, in their order.

    Those that move take their comments and the blank line above with them (the first only where it is `continued`
    from lines above); copies of those that stay don't, but for USER: its comments say why the program runs as it does.
    """
    found: list[Block] = []
    for instruction in instructions:
        if instruction in moving:
            is_first = not found and not continued
            found.append(Block(_moved_text(case, stage, instruction, moving, is_first=is_first), instruction))
        elif instruction.keyword == "USER" and instruction.leading_comments:
            gap = "\n" if found or continued else ""
            found.append(Block(gap + block_text(case.dockerfile, instruction), instruction))
        else:
            found.append(Block(instruction_text(case.dockerfile, instruction), instruction))
    return found


def _moved_text(
    case: Case, stage: Stage, instruction: Instruction, moving: Collection[Instruction], *, is_first: bool
) -> str:
    """From the end of what stands above: below the last that stays, comments that float between two blank lines move
    too, unless they belong to that."""
    dockerfile = case.dockerfile
    order = (stage.from_, *stage.instructions)
    above = order[order.index(instruction) - 1]
    start = dockerfile.lines.line_end(above.span.end) if above in moving else remarks_end(dockerfile, above)
    if any(i.span.start > instruction.span.start for i in stage.instructions if i not in moving):
        between = dockerfile.text[start : instruction.block_start].replace("\r\n", "\n")
        own = block_text(dockerfile, instruction)
        return "\n" + own if between.startswith("\n") and not is_first else own
    text = dockerfile.text[start : instruction.span.end].replace("\r\n", "\n")
    lines = text.split("\n")
    while lines and not lines[0].strip():
        lines.pop(0)
    blank_above = text.startswith("\n") and not is_first
    return ("\n" if blank_above else "") + "\n".join(lines) + "\n"


def cut(case: Case, stage: Stage, build_name: str, runtime: str, moving: Sequence[Instruction]) -> tuple[Edit, ...]:
    """The edits of a split: FROM gets a name, `moving` leave the build stage, `runtime` becomes the stage below.

    `runtime` is the whole text of the new stage. The stage must be the file's last.
    """
    dockerfile = case.dockerfile
    kept = [i for i in stage.instructions if i not in moving]
    last = kept[-1] if kept else stage.from_
    tail_start = remarks_end(dockerfile, last)
    edits = [_name_stage(dockerfile, stage, build_name)]
    edits.extend(remove_all(dockerfile, [i for i in moving if i.span.start < last.span.start]))
    ends_in_newline = dockerfile.text.endswith("\n")
    glue = "" if dockerfile.text[:tail_start].endswith("\n") else "\n"
    runtime = with_paragraphs(dockerfile, stage, moving, runtime)
    text = glue + "\n" + cased(runtime, dockerfile) + _floating_end(dockerfile, stage, moving)
    if not ends_in_newline:
        text = text.removesuffix("\n")
    edits.append(Edit(Span(tail_start, len(dockerfile.text)), text))
    return tuple(edits)


def _floating_end(dockerfile: Dockerfile, stage: Stage, moving: Collection[Instruction]) -> str:
    """Comment and blank lines below the last instruction."""
    last = (stage.from_, *stage.instructions)[-1]
    start = dockerfile.lines.line_end(last.span.end) if last in moving else remarks_end(dockerfile, last)
    return dockerfile.text[start:].replace("\r\n", "\n")


def _name_stage(dockerfile: Dockerfile, stage: Stage, name: str) -> Edit:
    words = stage.from_.words
    if len(words) == 3:
        return Edit(words[2].span, name)
    end = words[0].span.end
    return Edit(Span(end, end), f" {naming_keyword(dockerfile)} {name}")
