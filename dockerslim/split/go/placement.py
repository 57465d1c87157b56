"""Which instructions of a Go stage are for building, for running, or for both."""

from __future__ import annotations

from dockerslim.dockerfile import Instruction, Stage
from dockerslim.split.arguments import is_read_later

BUILD_VARIABLES = frozenset(
    "GOTOOLCHAIN GOPROXY GOPRIVATE GONOPROXY GONOSUMDB GOSUMDB GOFLAGS GOEXPERIMENT GOOS GOARCH GOARM GOPATH "
    "GOMODCACHE GOCACHE GOBIN GO111MODULE GOINSECURE GOROOT CGO_ENABLED CGO_CFLAGS CGO_LDFLAGS CGO_CXXFLAGS CC CXX "
    "DEBIAN_FRONTEND PKG_CONFIG_PATH".split()
)
"""Read by the go command only, or by installers. GODEBUG, GOGC, GOMAXPROCS and GOMEMLIMIT are read by the program."""

RUNTIME_VARIABLES = frozenset(
    "TZ GIN_MODE GODEBUG GOGC GOMAXPROCS GOMEMLIMIT GOTRACEBACK PORT HOST ADDR LOG_LEVEL".split()
)
"""Read by the program only."""

STAYS_BELOW = frozenset({"EXPOSE", "LABEL", "MAINTAINER", "VOLUME", "HEALTHCHECK", "STOPSIGNAL", "CMD", "ENTRYPOINT"})
"""Of no use to a build."""

READ_BY = frozenset({"ENV", "LABEL", "EXPOSE", "USER", "VOLUME", "STOPSIGNAL", "WORKDIR"})
"""Where an ARG may be used in the runtime stage."""


def moves(stage: Stage, instruction: Instruction) -> bool:
    """Does the instruction leave the build stage?"""
    if instruction.keyword in STAYS_BELOW:
        return True
    if instruction.keyword == "USER":
        return not _is_followed_by_run(stage, instruction)
    if instruction.keyword == "ENV":
        if all(pair.key in RUNTIME_VARIABLES for pair in instruction.assignments) and not _is_used(stage, instruction):
            return True
        return not _is_followed_by_run(stage, instruction) and not _is_build_only(instruction)
    return False


def _is_used(stage: Stage, instruction: Instruction) -> bool:
    """Does another instruction name one of the variables?"""
    names = [pair.key for pair in instruction.assignments]
    others = (
        i for i in stage.instructions if i.keyword not in ("CMD", "ENTRYPOINT", "HEALTHCHECK") and i is not instruction
    )
    return any(f"${name}" in i.value or f"${{{name}" in i.value for i in others for name in names)


def _is_followed_by_run(stage: Stage, instruction: Instruction) -> bool:
    return any(i.span.start > instruction.span.start for i in stage.all("RUN", "COPY", "ADD"))


def _is_build_only(instruction: Instruction) -> bool:
    return all(pair.key in BUILD_VARIABLES for pair in instruction.assignments)


def runs(stage: Stage, instruction: Instruction) -> bool:
    """Is the instruction of use at run time?"""
    if instruction.keyword in STAYS_BELOW or instruction.keyword in ("WORKDIR", "USER"):
        return True
    if instruction.keyword == "ENV":
        return not _is_build_only(instruction)
    if instruction.keyword == "ARG":
        return is_read_later(stage, instruction, _may_name_an_argument)
    return False


def _may_name_an_argument(instruction: Instruction) -> bool:
    """Does the runtime stage have an instruction like that?"""
    return instruction.keyword in READ_BY and (instruction.keyword != "ENV" or not _is_build_only(instruction))
