"""What the command line of `dockerslim fix` asks for."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from dockerslim.engine.registry import Selection
from dockerslim.engine.transform import Options

if TYPE_CHECKING:
    from dockerslim.verify.options import VerifyOptions


@dataclass(frozen=True, slots=True)
class FixRequest:
    """What the command line asks for."""

    selection: Selection
    options: Options
    context: Path | None
    write: bool
    check: bool
    quiet: bool
    verbose: bool
    verify: VerifyOptions | None = None
    """Build and run, and keep only what behaves the same."""
