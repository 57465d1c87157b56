"""Compares what two servers answered to the same requests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from dockerslim.output.terminal_text import visible
from dockerslim.verify.compare.body_difference import body_difference
from dockerslim.verify.compare.compare_runs import only_volatile_note
from dockerslim.verify.compare.findings import Findings, merged
from dockerslim.verify.compare.log_lines import last_lines
from dockerslim.verify.compare.normalise import is_binary, normalise, normalise_text
from dockerslim.verify.observe.observation import Answer
from dockerslim.verify.verification import Difference

ASK_FOR_MORE = "give --probe 'GET /path'"


def answer_findings(before: Sequence[Answer], after: Sequence[Answer], open_ports: frozenset[int]) -> Findings:
    """All answers, matched by request, port and how often it was asked. `open_ports` are those that both have open:
    that a port is closed is another finding.
    """
    others: dict[tuple[str, str, str, int], list[Answer]] = {}
    for answer in after:
        others.setdefault(_key(answer), []).append(answer)
    found: list[Findings] = []
    for answer in before:
        if answer.port not in open_ports:
            continue
        rest = others.get(_key(answer), [])
        if rest:
            found.append(_findings(answer, rest.pop(0)))
        else:
            found.append(Findings(notes=(f"{shown(answer)} was asked of the original alone",)))
    return merged((*found, _weakness(before)))


def shown(answer: Answer) -> str:
    """The request and its port, as in `GET :8080/`."""
    return visible(replace(answer.probe, port=answer.port).shown)


def _key(answer: Answer) -> tuple[str, str, str, int]:
    return (answer.probe.method, answer.probe.path, answer.probe.body, answer.port)


def _weakness(answers: Sequence[Answer]) -> Findings:
    """Says so where the answers tell little of the program."""
    if not any(answer.status for answer in answers):
        return Findings(notes=(f"no request was answered over HTTP, only open ports were compared: {ASK_FOR_MORE}",))
    if all(answer.status >= 400 for answer in answers if answer.status):
        return Findings(notes=(f"no request was answered with content: {ASK_FOR_MORE}",))
    return Findings()


def _findings(before: Answer, after: Answer) -> Findings:
    what = shown(before)
    if _head(before) != _head(after):
        return Findings((Difference(what, _described(before), _described(after), _content(after)),))
    if not before.status:
        return Findings(checks=(f"{what}: {_described(before)}",))
    checked = Findings(checks=(f"{what} {before.status}",), is_proof=True)
    if before.body == after.body:
        return checked
    if before.varies or after.varies:
        note = f"{what}: its body differs from one request to the next, only status and type were compared"
        return merged((checked, Findings(notes=(note,))))
    old, new = normalise(before.body), normalise(after.body)
    if old == new:
        return merged((checked, Findings(notes=(only_volatile_note(what, _text(before), _text(after)),))))
    if before.status >= 500:
        # A page about an error has the paths and the settings of the image in it.
        return merged(
            (checked, Findings(notes=(f"{what}: another page about the error, with status {before.status}",)))
        )
    one, other = (f"{answer.status}, {len(answer.body):,} bytes" for answer in (before, after))
    return Findings((Difference(what, one, other, body_difference(old, new)),))


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
