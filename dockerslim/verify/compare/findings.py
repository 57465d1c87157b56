"""What a part of a comparison found."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from dockerslim.verify.verification import Difference


@dataclass(frozen=True, slots=True)
class Findings:
    """`is_proof` is True where behaviour was compared and found the same: an answer, an open port, an output."""

    differences: tuple[Difference, ...] = ()
    notes: tuple[str, ...] = ()
    checks: tuple[str, ...] = ()
    is_proof: bool = False


def merged(parts: Iterable[Findings]) -> Findings:
    """All findings in their order, each said once."""
    found = tuple(parts)
    return Findings(
        tuple(dict.fromkeys(difference for part in found for difference in part.differences)),
        tuple(dict.fromkeys(note for part in found for note in part.notes)),
        tuple(dict.fromkeys(check for part in found for check in part.checks)),
        any(part.is_proof for part in found),
    )
