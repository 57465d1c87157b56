"""What tells everything that one verification makes from everything else."""

from __future__ import annotations

import secrets
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class RunIdentity:
    """The identity of one verification; each thing made by it carries it as a label or in its name."""

    LABEL: ClassVar[str] = "io.dockerslim.run"
    """The key of the label on each image, container, network and volume; its value is `id`."""

    id: str
    """Twelve hexadecimal digits."""

    @classmethod
    def new(cls) -> RunIdentity:
        """An identity that no other run has."""
        return cls(secrets.token_hex(6))

    @property
    def labels(self) -> dict[str, str]:
        """What is put on each thing made in the engine."""
        return {self.LABEL: self.id}

    @property
    def cache_namespace(self) -> str:
        """The value of `BUILDKIT_CACHE_MOUNT_NS`: cache mounts of our own, so that the user's stay as they are."""
        return self.name("cache")

    @property
    def folder_prefix(self) -> str:
        """With what the names of temporary folders begin."""
        return self.name("")

    def tag(self, name: str) -> str:
        """The reference of an image."""
        return f"dockerslim-verify:{self.id}-{name}"

    def name(self, what: str) -> str:
        """The name of a container, a network or a volume."""
        return f"dockerslim-{self.id}-{what}"

    def temporary_folder(self, what: str) -> Path:
        """The path of a temporary folder, which is not made: whoever makes it has the reaper watch it first."""
        return Path(tempfile.gettempdir()) / self.name(what)
