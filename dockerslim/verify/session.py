"""What the files of one `verify` or `fix --verify` share: the engine, the progress line, the layers read so far."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from dockerslim.verify.engine.container_engine import ContainerEngine
from dockerslim.verify.engine.reaper import Reaper
from dockerslim.verify.engine.run_identity import RunIdentity
from dockerslim.verify.engine.verification_run import verification_run
from dockerslim.verify.image.layer_cache import LayerCache
from dockerslim.verify.options import VerifyOptions
from dockerslim.verify.progress import Progress


@dataclass(slots=True)
class Session:
    """Connected to an engine as soon as there is something to build."""

    run: RunIdentity
    reaper: Reaper
    options: VerifyOptions
    progress: Progress
    layers: LayerCache = field(default_factory=LayerCache)
    _engine: ContainerEngine | None = None

    @property
    def engine(self) -> ContainerEngine:
        """The engine with the image that asks. Raises VerifyError where there is none."""
        if self._engine is None:
            self.progress.phase("looking for the engine")
            engine = ContainerEngine.connect(self.options, self.run)
            self.reaper.watch_engine(engine.watched)
            engine.ensure_image(self.options.probe_image)
            self._engine = engine
        return self._engine


@contextmanager
def session(options: VerifyOptions, progress: Progress) -> Iterator[Session]:
    """Whatever is made while it lasts is removed at its end."""
    with verification_run() as (run, reaper):
        yield Session(run, reaper, options, progress)
