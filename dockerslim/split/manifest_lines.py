"""The lines that copy manifests apart from the source, and what the author's own COPYs need no longer bring."""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from dockerslim.case import Case
from dockerslim.dockerfile import Edit, Instruction, Span, Stage, Word
from dockerslim.images.files import context_source
from dockerslim.split.order import UNQUOTED, copy_flags, folder_as_written, laid_at

PATTERN = frozenset("*?")


@dataclass(frozen=True, slots=True)
class ManifestLines:
    """`text` are COPY lines. `taken` are the words that they take out of the author's COPYs, which keep the rest."""

    text: str
    taken: tuple[Span, ...] = ()

    @property
    def edits(self) -> tuple[Edit, ...]:
        return tuple(Edit(span, "") for span in self.taken)


def manifest_lines(
    case: Case, stage: Stage, place: Instruction, manifests: Sequence[str], carriers: Sequence[Instruction]
) -> ManifestLines | None:
    """Lines that lay the manifests where `carriers` lay them, to stand at `place`; None where a path is odd.

    A carrier that names manifests among other sources is divided, so that none of them is copied twice.
    """
    lines = ""
    taken: list[Span] = []
    rest = set(manifests)
    for carrier in carriers:
        words = _manifest_words(case, place, carrier, rest)
        if not words or not _lays_last(case, stage, carrier, carriers, words):
            continue
        names = " ".join(word.text for word, _ in words)
        lines += f"COPY {copy_flags(carrier)}{names} {carrier.destination}\n"
        for word, brought in words:
            following = carrier.words[carrier.words.index(word) + 1]
            taken.append(Span(word.span.start, following.span.start))
            rest -= brought
    others = _copies(case, stage, place, [path for path in manifests if path in rest], carriers)
    return None if others is None else ManifestLines(lines + others, tuple(taken))


def _manifest_words(
    case: Case, place: Instruction, carrier: Instruction, manifests: Collection[str]
) -> list[tuple[Word, set[str]]]:
    """The carrier's words that bring manifests alone, with what they bring; [] where it can't be divided."""
    destination = carrier.destination
    if case.context is None or carrier.json is not None or carrier.heredocs or carrier.inner_comments:
        return []
    if "$" in carrier.value or any(flag.name not in ("chown", "chmod", "link") for flag in carrier.flags):
        return []
    if not destination.endswith("/") and destination not in (".", ".."):
        return []  # alone, a source would take the destination's name
    if not destination.startswith("/") and case.state(carrier).workdir != case.state(place).workdir:
        return []
    found = []
    for word in carrier.sources:
        path = context_source(word.text)
        if not set(word.text) <= UNQUOTED | PATTERN:
            continue
        brought = set(case.context.glob(path)) if PATTERN & set(path) else {path}
        if brought and brought <= set(manifests):
            found.append((word, brought))
    return found if len(found) < len(carrier.sources) else []


def _lays_last(
    case: Case,
    stage: Stage,
    carrier: Instruction,
    carriers: Sequence[Instruction],
    words: Sequence[tuple[Word, set[str]]],
) -> bool:
    """Does no later carrier lay the same manifests, in another place perhaps?"""
    later = [p for p in case.files(stage).placements if p.instruction in carriers]
    later = [p for p in later if p.instruction.span.start > carrier.span.start]
    return not any(laid_at(p, path) is not None for p in later for _, brought in words for path in brought)


def _copies(
    case: Case, stage: Stage, place: Instruction, manifests: Sequence[str], carriers: Sequence[Instruction]
) -> str | None:
    """One line for each folder, since COPY flattens what it is given."""
    files = case.files(stage)
    workdir = case.state(place).workdir
    groups: dict[tuple[str, str], list[str]] = {}
    for manifest in manifests:
        if not set(manifest) <= UNQUOTED:
            return None
        target = None
        flags = ""
        for placement in files.placements:
            if placement.instruction not in carriers:
                continue
            found = laid_at(placement, manifest)
            if found is not None:
                target = found
                flags = copy_flags(placement.instruction)
        if target is None or not set(target) <= UNQUOTED:
            return None
        if posixpath.basename(target) != posixpath.basename(manifest):
            return None
        groups.setdefault((posixpath.dirname(target), flags), []).append(manifest)
    lines = []
    for (folder, flags), names in groups.items():
        absolute = all(carrier.destination.startswith("/") for carrier in carriers)
        lines.append(f"COPY {flags}{' '.join(names)} {folder_as_written(folder, workdir, absolute=absolute)}\n")
    return "".join(lines)
