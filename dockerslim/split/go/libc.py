"""Does a Go program keep its C library, or is it linked without?"""

from __future__ import annotations

from dockerslim.case import Case
from dockerslim.dockerfile import Edit, Span
from dockerslim.images.image import Image
from dockerslim.split.go.purpose import Built, GoStage
from dockerslim.split.go.start import facts_of


def links_libc(image: Image | None, found: GoStage, built: Built) -> bool:
    """Must the program keep its C library? Not where cgo is off, or where nothing but the standard library uses it."""
    if built.needs_cgo:
        return True
    if built.cgo_setting == "0":
        return False
    if built.cgo_setting == "1":
        return True
    if (built.instruction.span.start, built.command.start) in found.cgo_makes:
        return True  # the same make runs `go test -race`, say
    cgo = built.project.cgo
    if _is_standard_library_only(built):
        return _author_wants_cgo(found)
    if cgo.needed or cgo.unknown:
        return not (has_no_compiler(image, found) and not cgo.needed)
    return _author_wants_cgo(found)


def _is_standard_library_only(built: Built) -> bool:
    """Without a go.mod nothing but the standard library can be built, and only `import "C"` needs cgo."""
    project = built.project
    if project.module is not None or project.workspace is not None or project.cgo.own or project.cgo.needed:
        return False
    facts = facts_of(built)
    return facts.complete and not any("." in path.split("/")[0] for path in facts.imports)


def has_no_compiler(image: Image | None, found: GoStage) -> bool:
    """golang:alpine has no gcc, and go then builds with cgo off."""
    return image is not None and image.variant == "alpine" and not _author_wants_cgo(found)


def _author_wants_cgo(found: GoStage) -> bool:
    compilers = ("gcc", "g++", "musl-dev", "build-base", "build-essential", "clang", "libc-dev", "libc6-dev")
    return any(package in compilers or package.endswith("-dev") for _, _, package in found.packages)


def static_edits(case: Case, image: Image | None, programs: list[Built]) -> list[Edit]:
    """`CGO_ENABLED=0` before each build that would otherwise link the C library for the standard library's sake."""
    edits: dict[int, Edit] = {}
    for built in programs:
        if built.cgo_setting is not None or (image is not None and image.variant == "alpine"):
            continue
        place = built.script.span(built.command.start, built.command.end).start
        if built.instruction.json is not None:
            line = case.dockerfile.lines.line_start(built.instruction.block_start)
            edits[line] = Edit(Span(line, line), "ENV CGO_ENABLED=0\n")
        else:
            edits[place] = Edit(Span(place, place), "CGO_ENABLED=0 ")
    return list(edits.values())
