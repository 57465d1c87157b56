"""What the reports say of a verification in words, before it is dressed for a terminal or a page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from dockerslim.output.terminal_text import visible
from dockerslim.verify.observe.http_request import METHODS
from dockerslim.verify.verification import Culprit, Verdict, Verification

MAX_LINE = 1_000
"""Characters of a text of a project in one line."""
MAX_DETAIL = 40
"""Lines of the details of one difference."""
MAX_CHECKS = 12
NOTHING_TO_DO = "nothing to do"

_METHODS = tuple(f"{method} " for method in METHODS)

VERDICTS: dict[Verdict, str] = {
    "same": "behaves the same",
    "differs": "behaves differently",
    "fails the same way": "fails the same way before and after, so nothing is proven",
    "could not tell": "could not tell whether it behaves the same",
}
_WORST_FIRST: tuple[Verdict, ...] = ("differs", "could not tell", "fails the same way", "same")


def headline(verification: Verification) -> str:
    """The verdict on a file in a few words."""
    if verification.nothing_to_do:
        return f"{NOTHING_TO_DO} ({verification.reason})" if verification.reason else NOTHING_TO_DO
    words = VERDICTS[verification.verdict]
    left_out = [culprit.transform for culprit in verification.culprits if is_left_out(culprit, verification)]
    if verification.verdict == "same" and left_out:
        return f"{words} without {', '.join(left_out)}"
    return words


def culprit_words(culprit: Culprit, verification: Verification) -> str:
    """What stands before the name of the transform: it was left out, or is in what was verified and the cause."""
    return "left out" if is_left_out(culprit, verification) else "because of"


def is_left_out(culprit: Culprit, verification: Verification) -> bool:
    """Is it no part of what was verified?"""
    return culprit.transform not in verification.steps


def overall(verifications: Sequence[Verification]) -> Verdict:
    """The worst verdict; of no file at all, nothing can be told."""
    verdicts = {judged(verification) for verification in verifications}
    return next((verdict for verdict in _WORST_FIRST if verdict in verdicts), "could not tell")


def judged(verification: Verification) -> Verdict:
    """The verdict; a file that needs no rewrite behaves as it did."""
    return "same" if verification.nothing_to_do else verification.verdict


def counted(verifications: Sequence[Verification]) -> str:
    """`5 files: 1 differs, 3 same, 1 nothing to do`."""
    files = f"{len(verifications)} file" + ("" if len(verifications) == 1 else "s")
    counts = Counter(NOTHING_TO_DO if one.nothing_to_do else one.verdict for one in verifications)
    parts = [f"{counts[kind]} {kind}" for kind in (*_WORST_FIRST, NOTHING_TO_DO) if counts[kind]]
    return f"{files}: {', '.join(parts)}" if parts else files


def one_line(text: str) -> str:
    """A text of a project as one line that a terminal can show, cut where it is very long."""
    return visible(text if len(text) <= MAX_LINE else text[:MAX_LINE] + "...")


def detail_lines(detail: str) -> list[str]:
    """The lines of a detail, the first of many."""
    lines = detail.rstrip("\n").split("\n") if detail else []
    shown = [one_line(line) for line in lines[:MAX_DETAIL]]
    return shown + ([f"... {len(lines) - MAX_DETAIL} more lines"] if len(lines) > MAX_DETAIL else [])


def checks_shown(checks: Sequence[str]) -> list[str]:
    """The first of the checks, and how many there are besides; of too many, requests are left out first."""
    shown = list(checks)
    requests = [check for check in checks if check.startswith(_METHODS)]
    excess = len(checks) - MAX_CHECKS
    if 1 < excess <= len(requests):
        left_out = set(requests[-excess:])
        at = shown.index(requests[-excess])
        shown = [check for check in shown if check not in left_out]
        shown.insert(at, f"{excess} more requests")
    elif excess > 1:
        shown = [*shown[:MAX_CHECKS], f"{excess} more"]
    return list(map(one_line, shown))
