"""Times what a developer waits for: a cold build, and the builds after a change of source and of dependencies."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Protocol

from dockerslim.verify.build.build_candidate import Builder, BuildSettings, Built, Folders, build_candidate
from dockerslim.verify.build.candidate import Candidate
from dockerslim.verify.build.context_changes import ContextChanges, ContextEdit
from dockerslim.verify.build.kept_logs import KeptLogs
from dockerslim.verify.engine.run_identity import RunIdentity
from dockerslim.verify.errors import VerifyError
from dockerslim.verify.verification import Times

MARK_DIGITS = 12


class EditableFolders(Folders, Protocol):
    """A workspace whose copy of the context can be edited for a while."""

    def edited(self, edit: ContextEdit, mark: str) -> AbstractContextManager[None]: ...


def measure_times(
    engine: Builder,
    run: RunIdentity,
    workspace: EditableFolders,
    candidate: Candidate,
    settings: BuildSettings,
    changes: ContextChanges,
    say: Callable[[str], None],
    *,
    note: Callable[[str], None] = lambda text: None,
    logs: KeptLogs | None = None,
) -> Times:
    """The seconds of a cold build, then of one with the source edited, then of one with the manifest edited instead.

    Call it for one candidate after the other, each having been built once before: then both find their base images and
    the context at the builder, and neither finds a layer of the other's. A build that fails here leaves its figure out
    and is told to `note`; it never raises VerifyError.
    """
    timed = _Timed(engine, run, workspace, candidate, settings, say, note, logs)
    cold = timed.seconds(None, "cold")
    if cold is None:
        return Times()
    return Times(
        cold=cold,
        source_change=timed.seconds(changes.source, "source"),
        dependency_change=timed.seconds(changes.dependency, "dependency"),
    )


class _Timed:
    """The builds of one candidate, whose images are removed as soon as they are there."""

    def __init__(
        self,
        engine: Builder,
        run: RunIdentity,
        workspace: EditableFolders,
        candidate: Candidate,
        settings: BuildSettings,
        say: Callable[[str], None],
        note: Callable[[str], None],
        logs: KeptLogs | None,
    ) -> None:
        self._engine = engine
        self._run = run
        self._workspace = workspace
        self._candidate = candidate
        self._settings = settings
        self._say = say
        self._note = note
        self._logs = logs

    def seconds(self, edit: ContextEdit | None, what: str) -> float | None:
        """The time of a cold build, or (with an edit) of a rebuild; None where there is none."""
        is_cold = what == "cold"
        if edit is None and not is_cold:
            return None
        mark = change_mark(self._run, self._candidate, what)
        try:
            with nullcontext() if edit is None else self._workspace.edited(edit, mark):
                built = self._build(what, cold=is_cold)
                if is_cold and built.fetched_base:
                    # The download of a base image is paid once a machine and says nothing of the Dockerfile.
                    built = self._build(what, cold=True)
        except VerifyError as error:
            name = {"cold": "the cold build", "source": "the build after a source change"}.get(
                what, "the build after a dependency change"
            )
            log = f" (log: {error.log})" if error.log else ""
            self._note(f"{self._candidate.name}: {name} is not timed: {error.message}{log}")
            return None
        return built.seconds

    def _build(self, what: str, *, cold: bool) -> Built:
        built = build_candidate(
            self._engine,
            self._run,
            self._workspace,
            self._candidate,
            self._settings,
            lambda step: self._say(f"{what}: {step}"),
            cold=cold,
            tag_suffix=f"-{what}",
            logs=self._logs,
        )
        self._engine.remove_image(built.tag)
        return built


def change_mark(run: RunIdentity, candidate: Candidate, what: str) -> str:
    """Hex digits that no other build has in its edit.

    Not the other candidate's either: a step that both have would be timed for the first and cached for the second.
    """
    return hashlib.sha256(f"{run.id} {candidate.name} {what}".encode()).hexdigest()[:MARK_DIGITS]
