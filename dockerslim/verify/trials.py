"""Builds, runs and compares the candidates of one Dockerfile with the original."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from dockerslim.case import Case
from dockerslim.context.kubernetes import read_health_paths
from dockerslim.images.toolchain import toolchain_environment
from dockerslim.verify.build.build_candidate import Built, build_candidate
from dockerslim.verify.build.candidate import Candidate
from dockerslim.verify.build.context_changes import ContextChanges, context_changes
from dockerslim.verify.build.kept_logs import KeptLogs
from dockerslim.verify.build.measure_times import measure_times
from dockerslim.verify.build.workspace import Workspace
from dockerslim.verify.compare.compare import compare, may_be_chance
from dockerslim.verify.compare.harmless_writes import is_harmless, meaningful_writes
from dockerslim.verify.compare.normalise import normalise
from dockerslim.verify.engine.cleanup import remove_folders, sweep
from dockerslim.verify.errors import BuildFailed, VerifyError
from dockerslim.verify.image.image_content import ImageContent, read_image, read_known
from dockerslim.verify.image.image_figures import figures
from dockerslim.verify.image.user_names import process_user
from dockerslim.verify.image.writable import Unwritable, unwritable
from dockerslim.verify.observe.compose_settings import RunSettings, run_settings
from dockerslim.verify.observe.observation import Observation
from dockerslim.verify.observe.observe import RunPlan, observe
from dockerslim.verify.observe.probe_plan import usage_probes
from dockerslim.verify.observe.run_mounts import fresh_mounts
from dockerslim.verify.session import Session
from dockerslim.verify.verification import Comparison, Difference, ImageFigures, Times

LOG_LINES = 15
"""Of a failed build, in a report."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A candidate that was built and run."""

    candidate: Candidate
    built: Built
    observation: Observation


@dataclass(frozen=True, slots=True)
class Judgement:
    """A candidate against the original; `seen` is None where it could not be built."""

    comparison: Comparison
    seen: Seen | None
    log: Path | None = None

    @property
    def difference(self) -> Difference | None:
        """The first, where it behaves otherwise; what could not be told counts as none."""
        return self.comparison.differences[0] if self.comparison.verdict == "differs" else None


@dataclass(slots=True)
class Trials:
    """The original of one Dockerfile, built and run, and what came of the candidates so far."""

    session: Session
    case: Case
    dockerfile: Path
    settings: RunSettings
    workspace: Workspace
    logs: KeptLogs
    original: Candidate
    plan: RunPlan
    """Without the mounts, which each run gets anew."""
    changes: ContextChanges
    notes: list[str] = field(default_factory=list)
    _before: Seen | None = None
    _again: Observation | None = None
    _judged: dict[bytes, Judgement] = field(default_factory=dict)

    @property
    def before(self) -> Seen:
        """The original. Raises BuildFailed where it can't be built, VerifyError where the engine fails."""
        if self._before is None:
            self._before = self._observed(self.original, None)
        return self._before

    @property
    def again(self) -> Observation:
        """The original, run a second time: what differs from its first run is chance."""
        if self._again is None:
            self.session.progress.phase(f"running {self.original.name} again, to see what is chance")
            self._again = self._run(self.before.built, self.before.observation)
        return self._again

    def judge(self, candidate: Candidate, changes: frozenset[str]) -> Judgement:
        """What is otherwise with a candidate; one of the same bytes is built and run once.

        `changes` are the keys of the runtime contract that its transforms may change. Raises VerifyError where the
        engine fails; a candidate that can't be built is a difference.
        """
        before = self.before
        key = hashlib.sha256(b"%d\n" % len(candidate.dockerfile) + candidate.dockerfile + (candidate.ignore or b"-"))
        known = self._judged.get(key.digest())
        if known is None:
            known = self._judged[key.digest()] = self._judged_anew(before, candidate, changes)
        return known

    def _judged_anew(self, before: Seen, candidate: Candidate, changes: frozenset[str]) -> Judgement:
        try:
            after = self._observed(candidate, before.observation)
        except BuildFailed as error:
            detail = "\n".join(error.output.rstrip().splitlines()[-LOG_LINES:])
            difference = Difference("docker build", "succeeds", error.message, detail)
            return Judgement(Comparison("differs", (difference,)), None, error.log)
        self.session.progress.phase(f"comparing {candidate.name}")
        written, refused = self._writes(before, after)
        is_doubtful = may_be_chance(before.observation, after.observation)
        comparison = compare(
            before.observation,
            after.observation,
            written=written,
            unwritable=refused,
            lost_with_base=toolchain_environment(self.case.final.final.image),
            changes=changes,
            again=self.again if is_doubtful else None,
        )
        log = None
        if comparison.verdict != "same":
            log = self.logs.keep(f"{candidate.name}-output", after.observation.own_run.output)
        return Judgement(comparison, after, log)

    def _observed(self, candidate: Candidate, earlier: Observation | None) -> Seen:
        session, engine = self.session, self.session.engine
        session.progress.phase(f"building {candidate.name}")
        built = build_candidate(
            engine,
            session.run,
            self.workspace,
            candidate,
            self.settings.build,
            session.progress.step,
            logs=self.logs,
        )
        session.progress.phase(f"running {candidate.name}")
        return Seen(candidate, built, self._run(built, earlier))

    def _run(self, built: Built, earlier: Observation | None) -> Observation:
        session, engine = self.session, self.session.engine
        with fresh_mounts(engine, session.run, self.settings.mounts, session.options.probe_image) as mounts:
            return observe(
                engine,
                session.run,
                built.tag,
                built.configuration,
                replace(self.plan, mounts=mounts),
                session.options,
                session.progress.step,
                normalise=normalise,
                earlier=earlier,
            )

    def content(self, seen: Seen) -> ImageContent:
        """What an image holds, read from the engine where its layers aren't known yet."""
        compress = self.session.options.reads_images
        known = read_known(seen.built.configuration.layers, self.session.layers, compress=compress)
        if known is not None:
            return known
        chunks = self.session.engine.save(seen.built.tag)
        return read_image(chunks, compress=compress, cache=self.session.layers)

    def _writes(self, before: Seen, after: Seen) -> tuple[tuple[str, ...], tuple[Unwritable, ...]]:
        """What the original wrote into its image, and what of it the user of the candidate can't."""
        if all(map(is_harmless, before.observation.written)):  # no image need be read
            return (), ()
        old, new = self.content(before).tree, self.content(after).tree
        if old is None or new is None:
            return (), ()
        old_image, new_image = before.built.configuration, after.built.configuration
        old_user = process_user(old, self.settings.user or old_image.user)
        user = process_user(new, self.settings.user or new_image.user)
        if old_user is None or user is None:
            return (), ()
        written = meaningful_writes(
            before.observation.written,
            old_image.environment.get("HOME") or old_user.home,
            new_image.environment.get("HOME") or user.home,
            working_folder=old_image.working_folder,
        )
        # What compose mounts is owned as on the host, in both.
        mounted = tuple(mount.target.rstrip("/") + "/" for mount in self.settings.mounts)
        own = tuple(path for path in written if not f"{path}/".startswith(mounted))
        return own, unwritable(new, user, own, new_image.volumes)

    def figures(self, seen: Seen, times: Times) -> ImageFigures:
        """Size, layers, files, packages; without measuring, what the engine tells of itself only."""
        if not self.session.options.reads_images:
            return figures(seen.built.configuration, None, times)
        self.session.progress.phase(f"reading the image {seen.candidate.name}")
        return figures(seen.built.configuration, self.content(seen), times)

    def times(self, seen: Seen) -> Times:
        """How long its builds take; nothing where times are not wanted."""
        if not self.session.options.measure:
            return Times()
        self.session.progress.phase(f"timing {seen.candidate.name}")
        return measure_times(
            self.session.engine,
            self.session.run,
            self.workspace,
            seen.candidate,
            self.settings.build,
            self.changes,
            self.session.progress.step,
            note=self.notes.append,
            logs=self.logs,
        )


@contextmanager
def trials(session: Session, case: Case, dockerfile: Path, number: int) -> Iterator[Trials]:
    """The trials of a Dockerfile; its folder and images are gone afterwards. `number` tells files of a run apart.

    Raises VerifyError where its build context can't be copied.
    """
    if case.context is None or case.context.root is None:
        raise VerifyError("the build context can't be told", "name it with --context")
    ignore = None if case.context.ignore_text is None else case.context.ignore_text.encode("utf-8", "surrogateescape")
    settings = run_settings(case, session.options, os.environ)
    folder = session.run.temporary_folder(str(number))
    session.reaper.watch_folder(folder)
    session.progress.phase("copying the build context")
    workspace = Workspace.create(folder, case.context.root, dockerfile, ignore)
    try:
        yield Trials(
            session,
            case,
            dockerfile,
            settings,
            workspace,
            KeptLogs(session.options.log_folder, case.path),
            Candidate("before", case.dockerfile.data, ignore),
            _run_plan(case, dockerfile, settings),
            context_changes(case, settings.build.target),
            list(settings.notes),
        )
    finally:
        # The next file would fill the disk; what an interruption keeps here the end of the session removes.
        sweep(session.engine.watched, session.run.id)
        remove_folders(session.run.id, (folder,))


def _run_plan(case: Case, dockerfile: Path, settings: RunSettings) -> RunPlan:
    return RunPlan(
        environment=settings.environment,
        environment_files=settings.environment_files,
        command=settings.command,
        entrypoint=settings.entrypoint,
        user=settings.user,
        working_folder=settings.working_folder,
        probes=usage_probes(case.usage, read_health_paths(dockerfile)),
        files=tuple((file.source, file.target) for file in settings.files),
    )
