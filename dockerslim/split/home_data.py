"""Data that a RUN downloads into root's home folder, and the edits that lay it where any user can read it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from dockerslim.case import Case
from dockerslim.dockerfile import Edit, Instruction, Stage
from dockerslim.dockerfile.layout import continuation_indent, insert_before
from dockerslim.dockerfile.shell import Script
from dockerslim.languages.evidence import Evidence
from dockerslim.paths import is_within
from dockerslim.split.needs_root import instructions_of


@dataclass(frozen=True, slots=True)
class HomeDownload:
    """A RUN whose download goes wherever a variable says.

    `variables` are those that must be set for it, with their folders: none where the author sets them. `folders` are
    made first, as some tools take only those that are there already; the program writes to the `written` ones.
    """

    instruction: Instruction
    script: Script
    variables: tuple[tuple[str, str], ...]
    folders: tuple[str, ...] = ()
    written: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class HomeData:
    """What the RUNs of a stage lay below HOME: what can lie elsewhere, and where nobody knows."""

    downloads: tuple[HomeDownload, ...] = ()
    unsure: tuple[Evidence, ...] = ()


VARIABLES = frozenset({"HF_HOME", "NLTK_DATA", "PUPPETEER_CACHE_DIR", "SENTENCE_TRANSFORMERS_HOME", "TORCH_HOME"})
"""What may have to be set."""


SHOWN = 40
"""Characters of a RUN in a message."""


def home_data(case: Case, stage: Stage, read: Callable[[Instruction, Script], HomeDownload | bool]) -> HomeData:
    """What the RUNs of a stage's image lay below HOME, in their order.

    `read` says of a RUN what it downloads, if that can lie elsewhere, else whether it may leave data below HOME.
    """
    downloads: list[HomeDownload] = []
    unsure: list[Evidence] = []
    runs = [i for i in instructions_of(case, stage) if i.keyword == "RUN" and is_home_of_root(case, i)]
    for instruction in sorted(runs, key=lambda run: run.span.start):
        script = case.script(instruction)
        found = read(instruction, script)
        if isinstance(found, HomeDownload):
            downloads.append(found)
        elif found:
            line = case.dockerfile.position(instruction.span.start).line
            unsure.append(Evidence(case.path, line, script.source.text[:SHOWN]))
    return HomeData(tuple(downloads), tuple(unsure))


def is_home_of_root(case: Case, instruction: Instruction) -> bool:
    """Is what programs of a RUN take for HOME a folder that only root can read?"""
    home = case.state(instruction).home
    return home is None or is_within(home, "/root")


def can_be_moved(instruction: Instruction, script: Script) -> bool:
    """Can commands be put before and behind those of the RUN?"""
    is_text = instruction.json is None and not instruction.heredocs
    return is_text and script.is_plain and bool(script.parts) and not script.source.text.rstrip().endswith(";")


def download_edits(case: Case, downloads: Iterable[HomeDownload], owner: str) -> Iterator[Edit]:
    """Sets the variables above the first download that needs each, makes the folders, and gives them to `owner`.

    The owner is set in the RUN itself: in one of its own, each file would be in the image twice.
    """
    variables: set[str] = set()
    existing: set[str] = set()
    for download in downloads:
        instruction, script = download.instruction, download.script
        new = [(name, folder) for name, folder in download.variables if name not in variables]
        variables.update(name for name, _ in new)
        if new:
            blank = "\n" if instruction.leading_comments else ""
            text = " ".join(f"{name}={folder}" for name, folder in new)
            yield insert_before(case.dockerfile, instruction, f"ENV {text}\n{blank}")
        has_lines = instruction.first_line != instruction.last_line
        joint = f" {instruction.escape}\n{continuation_indent(case.dockerfile)}" if has_lines else " "
        made = [folder for folder in download.folders if folder not in existing]
        existing.update(made)
        if made:
            first = script.parts[0].start
            place = script.span(first, first)
            yield Edit(place, f"mkdir -p {' '.join(made)} &&{joint}")
        if download.written:
            last = script.parts[-1].end
            place = script.span(last, last)
            yield Edit(place, f"{joint}&& chown -R {owner} {' '.join(download.written)}")
