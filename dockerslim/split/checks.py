"""What keeps any stage, whatever its language, from being split."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from dockerslim.case import Case
from dockerslim.context.usage import Mount, ServiceUse, Usage
from dockerslim.dockerfile import Stage
from dockerslim.split.refused import Refused
from dockerslim.split.start import Start, start_of


def check_use(
    case: Case, stage: Stage, *, is_harmless: Callable[[ServiceUse, Mount], bool] = lambda service, mount: False
) -> Start:
    """What the image starts, where nothing in its use forbids a split. Raises Refused where something does.

    `is_harmless` says of a mount over the work folder that the image may change below it.
    """
    start = start_of(case, stage)
    if start is None:
        given = next((s.file for s in case.usage.services if s.command or s.entrypoint), "")
        raise Refused(
            stage.from_.span,
            f"what the image runs is said in `{given}` only" if given else "what the image runs is not said",
            "write a CMD or an ENTRYPOINT, then run dockerslim again",
        )
    if case.usage.unreadable:
        evidence = case.usage.unreadable[0]
        raise Refused(
            stage.from_.span,
            f"`{evidence.file}` can't be read, and may say how the image is used",
            f"mend it: {evidence.text}" if evidence.text else "mend it",
        )
    workdir = case.states[stage.index].final.workdir or "/"
    mounted = _without(case.usage, is_harmless).mount_over(workdir)
    if mounted is not None and (workdir + "/").startswith(mounted[1].target.rstrip("/") + "/"):
        service, mount = mounted
        raise Refused(
            stage.from_.span,
            f"`{service.file}` mounts `{mount.source}` over the work folder in service `{service.service}`",
            "mount it in a service of its own for development, or take the mount out",
            "the repository runs it from its source",
        )
    if case.usage.devcontainer is not None:
        raise Refused(stage.from_.span, "a dev container uses this file", "give the dev container a file of its own")
    return start


def _without(usage: Usage, is_harmless: Callable[[ServiceUse, Mount], bool]) -> Usage:
    services = (replace(s, volumes=tuple(m for m in s.volumes if not is_harmless(s, m))) for s in usage.services)
    return replace(usage, services=tuple(services))


def check_instructions(case: Case, stage: Stage, *, carries_downloads: bool = False) -> None:
    """Raises Refused for instructions whose part in a split isn't known.

    `carries_downloads`: is an ADD of an address taken along as it stands?
    """
    for keyword in ("SHELL", "ONBUILD"):
        instruction = stage.last(keyword)
        if instruction is not None:
            raise Refused(instruction.span, f"the stage has {keyword} instructions", "split it by hand")
    files = case.files(stage)
    if files.missing:
        instruction, source = files.missing[0]
        raise Refused(instruction.span, f"the build context has no `{source}`", "name the context with --context")
    unknown = [i for i in files.unknown if not (carries_downloads and i in files.downloads)]
    if unknown and case.context is None:
        raise Refused(unknown[0].span, "which folder is the build context is not known", "name it with --context")
    if unknown:
        raise Refused(unknown[0].span, "what this copies can't be told", "copy files of the build context by name")


__all__ = ["Refused", "check_instructions", "check_use"]
