"""Compares what two servers answered to the same requests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from dockerslim.output.terminal_text import visible
from dockerslim.verify.compare.body_difference import body_difference
from dockerslim.verify.compare.compare_runs import ONLY_VOLATILE, only_volatile_note
from dockerslim.verify.compare.findings import Findings, merged
from dockerslim.verify.compare.log_lines import last_lines
from dockerslim.verify.compare.normalise import is_binary, normalise, normalise_text
from dockerslim.verify.observe.http_request import CLOSED
from dockerslim.verify.observe.observation import Answer
from dockerslim.verify.verification import Difference

ASK_FOR_MORE = "give --probe 'GET /path'"

_REFUSED = (401, 403)
"""The server asks who it is: it works."""

NAMED_REQUESTS = 3
"""In a note that is the same for many."""

VARIES = "the body differs from one request to the next, so only status and type were compared"
VARIES_WITH_RUN = "the body differs from one run of the original to the next, so only status and type were compared"


def answer_findings(
    before: Sequence[Answer], after: Sequence[Answer], open_ports: frozenset[int], again: Sequence[Answer] = ()
) -> Findings:
    """All answers, matched by request, port and how often it was asked. `open_ports` are those that both have open:
    that a port is closed is another finding.

    `again` is what a second container of the original answered: what differs between its two is chance.
    """
    others, controls = _Answers(after), _Answers(again)
    found: list[Findings] = []
    notes: dict[str, list[str]] = {}
    examples: dict[str, str] = {}
    for answer in before:
        if answer.port not in open_ports:
            continue
        other, control = others.next(answer), controls.next(answer)
        if other is None:
            notes.setdefault("asked of the original alone", []).append(shown(answer))
            continue
        findings = _findings(answer, other, control)
        found.append(findings.findings)
        for note in findings.notes:
            notes.setdefault(note, []).append(shown(answer))
            examples.setdefault(note, findings.example or note)
    grouped = tuple(f"{_listed(requests)}: {examples.get(note, note)}" for note, requests in notes.items())
    return merged((*found, Findings(notes=grouped), _weakness(before)))


class _Answers:
    """Answers, to be taken in turn by what was asked."""

    def __init__(self, answers: Sequence[Answer]) -> None:
        self._left: dict[tuple[str, str, str, int], list[Answer]] = {}
        for answer in answers:
            self._left.setdefault(_key(answer), []).append(answer)

    def next(self, asked: Answer) -> Answer | None:
        left = self._left.get(_key(asked))
        return left.pop(0) if left else None


def _listed(requests: Sequence[str]) -> str:
    """The first of them, and how many there are besides."""
    rest = len(requests) - NAMED_REQUESTS
    return ", ".join(requests[:NAMED_REQUESTS]) + (f" and {rest} more" if rest > 0 else "")


def are_failures(answers: Sequence[Answer]) -> bool:
    """Did a server answer with errors of its own and nothing that it is there for?"""
    statuses = [answer.status for answer in answers if answer.status]
    return any(status >= 500 for status in statuses) and not any(
        status < 400 or status in _REFUSED for status in statuses
    )


def were_closed(answers: Sequence[Answer]) -> bool:
    """Was no request answered, and one taken? A server without HTTP does so, and one that fails at it."""
    return not any(answer.status for answer in answers) and any(answer.body == CLOSED.encode() for answer in answers)


def shown(answer: Answer) -> str:
    """The request and its port, as in `GET :8080/`."""
    return visible(replace(answer.probe, port=answer.port).shown)


def _key(answer: Answer) -> tuple[str, str, str, int]:
    return (answer.probe.method, answer.probe.path, answer.probe.body, answer.port)


def _weakness(answers: Sequence[Answer]) -> Findings:
    """Says so where the answers tell little of the program."""
    if not any(answer.status for answer in answers):
        return Findings(notes=("nothing answered over HTTP, so only that the ports are open was compared",))
    if are_failures(answers):
        errors = sorted({answer.status for answer in answers if answer.status >= 500})
        return Findings(notes=(f"all that it answers is an error ({', '.join(map(str, errors))})",))
    if all(answer.status >= 400 for answer in answers if answer.status):
        return Findings(notes=(f"no request found anything: {ASK_FOR_MORE}",))
    return Findings()


@dataclass(frozen=True, slots=True)
class _AnswerFindings:
    """`notes` are without the request, so that those of several can be told at once."""

    findings: Findings
    notes: tuple[str, ...] = ()
    example: str = ""
    """The first note, with what it is about: told of one request."""


def _findings(before: Answer, after: Answer, again: Answer | None) -> _AnswerFindings:
    what = shown(before)
    if _head(before) != _head(after):
        if again is not None and _head(again) != _head(before):
            note = f"{_described(before)} from the original, then {_described(again)}: it is not the same each time"
            return _AnswerFindings(Findings(), (note,))
        return _AnswerFindings(Findings((Difference(what, _described(before), _described(after), _content(after)),)))
    if not before.status:
        return _AnswerFindings(Findings(checks=(f"{what}: {_described(before)}",)))
    checked = Findings(checks=(f"{what} {before.status}",), is_proof=True)
    if before.body == after.body:
        return _AnswerFindings(checked)
    old, new = normalise(before.body), normalise(after.body)
    if old == new:
        return _AnswerFindings(checked, (ONLY_VOLATILE,), only_volatile_note(_text(before), _text(after)))
    if before.varies or after.varies:
        return _AnswerFindings(checked, (VARIES,))
    if again is not None and _head(again) == _head(before) and normalise(again.body) != old:
        return _AnswerFindings(checked, (VARIES_WITH_RUN,))
    if before.status >= 500:
        # A page about an error has the paths and the settings of the image in it.
        return _AnswerFindings(checked, (f"another page about the error, with status {before.status}",))
    if len(before.body) == len(after.body):
        one, other = (f"{before.status}, {len(before.body):,} {kind}" for kind in ("bytes", "other bytes"))
    else:
        one, other = (f"{answer.status}, {len(answer.body):,} bytes" for answer in (before, after))
    return _AnswerFindings(Findings((Difference(what, one, other, body_difference(old, new)),)))


def _head(answer: Answer) -> tuple[int, str, tuple[str, ...], str]:
    """What must be equal besides the body."""
    if not answer.status:
        return (0, "", (), _described(answer))
    kind, *parameters = (part.strip() for part in answer.content_type.lower().split(";"))
    # The boundary of a multipart body is drawn by lot.
    kept = sorted(p.replace('"', "").replace(" ", "") for p in parameters if p and not p.startswith("boundary"))
    return (answer.status, kind, tuple(kept), normalise_text(answer.location))


def _described(answer: Answer) -> str:
    if not answer.status:
        return visible(_text(answer)[:80]) or "no answer"
    parts = (str(answer.status), answer.content_type, f"to {answer.location}" if answer.location else "")
    return visible(" ".join(part for part in parts if part))


def _content(answer: Answer) -> str:
    """What a server said instead."""
    return "" if is_binary(answer.body) or not answer.status else last_lines(_text(answer)[:2_000])


def _text(answer: Answer) -> str:
    return answer.body.decode("utf-8", "surrogateescape")
