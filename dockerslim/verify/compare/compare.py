"""Compares what two images showed when they were run: the original and the rewritten one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from shlex import join
from typing import Literal

from dockerslim.output.terminal_text import visible
from dockerslim.verify.compare.compare_answers import answer_findings, are_failures, were_closed
from dockerslim.verify.compare.compare_runs import ending, run_findings
from dockerslim.verify.compare.configuration_differences import configuration_differences
from dockerslim.verify.compare.findings import Findings, merged
from dockerslim.verify.compare.log_lines import (
    crashes,
    errors,
    last_lines,
    log_lines,
    missing_or_denied,
    new_lines,
    telling_line,
)
from dockerslim.verify.image.writable import Unwritable
from dockerslim.verify.observe.observation import Observation
from dockerslim.verify.verification import Comparison, Difference, Verdict

_FIRST_EPHEMERAL_PORT = 32_768

Outcome = Literal["serves", "runs", "ends", "fails"]
"""*ends*: with exit code 0; *fails*: it could not be started, or ended otherwise without having served."""


def compare(
    before: Observation,
    after: Observation,
    *,
    unwritable: Sequence[Unwritable] = (),
    lost_with_base: frozenset[str] = frozenset(),
    changes: frozenset[str] = frozenset(),
    written: Sequence[str] = (),
    again: Observation | None = None,
) -> Comparison:
    """What differs, what does no harm, what was compared, and the verdict.

    `unwritable` are paths that the original wrote and the rewritten image's user can't; `written` all of those that
    were looked at. `lost_with_base` are names of variables that describe the toolchain of the original's base image,
    `changes` what the applied transforms may change, as in `ENV PATH`, `CMD`. `again` is a second run of the original:
    what differs between its two runs is chance, and no difference.
    """
    differences, notes = configuration_differences(
        before.configuration, after.configuration, lost_with_base=lost_with_base, changes=changes
    )
    found = merged(
        (
            _behaviour(before, after, again),
            _probe_runs(before, after, again),
            _writes(unwritable, written),
            Findings(differences, notes, () if differences else ("configuration of the image",)),
        )
    )
    return Comparison(_verdict(before, after, found), found.differences, found.notes, found.checks)


def may_be_chance(before: Observation, after: Observation) -> bool:
    """Is there a difference that a second run of the original may show to be none?"""
    return bool(_behaviour(before, after, None).differences or _probe_runs(before, after, None).differences)


def outcome(observation: Observation) -> Outcome:
    """How the image's own command fared."""
    if observation.state == "serving":
        return "serves"
    if observation.state == "running" and not observation.stopped_by_itself:
        return "runs"
    return "ends" if observation.own_run.exit_code == 0 and observation.state != "not started" else "fails"


def _verdict(before: Observation, after: Observation, found: Findings) -> Verdict:
    if found.differences:
        return "differs"
    if outcome(before) == "fails" and outcome(after) != "fails":
        return "could not tell"
    if _fails_to_answer(before) and not any(run.exit_code == 0 for run in before.runs):
        return "fails the same way"
    if found.is_proof:
        return "same"
    return "fails the same way" if outcome(before) == "fails" else "could not tell"


def _fails_to_answer(observation: Observation) -> bool:
    """Does it serve, and nothing but errors?"""
    if are_failures(observation.answers):
        return True
    lines = log_lines(observation.own_run.output)
    return were_closed(observation.answers) and bool(crashes(lines) or missing_or_denied(lines))


def _behaviour(before: Observation, after: Observation, again: Observation | None) -> Findings:
    """Of the image's own command."""
    how = outcome(before)
    if again is not None and outcome(again) != how:
        note = f"the original fares another way each time: {_described(before)}, then {_described(again)}"
        return Findings(notes=(note, *_said(before), *_said(again)))
    control = again.own_run if again is not None else None
    if how == "fails" and outcome(after) != "fails":
        note = f"the original doesn't come up ({_described(before)}) and the rewritten image does ({_described(after)})"
        return Findings(notes=(note, *_said(before)))
    if how != outcome(after):
        return Findings((Difference("start", _described(before), _described(after), _last_words(after)),))
    if how == "fails" and before.out_of_memory and after.out_of_memory:
        return _memory(before, after)
    if how == "fails":
        return merged((run_findings("start", before.own_run, after.own_run, control), _memory(before, after)))
    parts = [_user(before, after), _health(before, after, again), _memory(before, after)]
    if how == "ends":
        return merged((run_findings("command", before.own_run, after.own_run, control), *parts))
    parts += [_stopped(before, after, again), _log(before, after, again, is_worker=how == "runs")]
    if how == "serves":
        both = before.ports & after.ports
        answered = answer_findings(before.answers, after.answers, both, again.answers if again is not None else ())
        return merged((_ports(before, after, again), answered, *parts))
    note = (
        "no port was open, so all that was compared is that the program keeps running and logs no new errors;"
        " if it opens one later, name it: --probe 'GET :8080/'"
    )
    return merged((Findings(notes=(note,), checks=("keeps running",), is_proof=True), *parts))


def _described(observation: Observation) -> str:
    """What the image's own command does, in words."""
    memory = " (out of memory)" if observation.out_of_memory else ""
    match outcome(observation):
        case "serves":
            return f"serves on {_numbers(observation.ports)}"
        case "runs":
            return "keeps running"
        case _:
            return ending(observation.own_run) + memory


def _last_words(observation: Observation) -> str:
    run = observation.own_run
    return "\n".join(part for part in (last_lines(run.failure), last_lines(run.output)) if part)


def _said(observation: Observation) -> tuple[str, ...]:
    run = observation.own_run
    line = telling_line(run.failure or run.output)
    return (f"the original says: {line}",) if line else ()


def _ports(before: Observation, after: Observation, again: Observation | None) -> Findings:
    """Each port must be open again; one that Linux or the program chose is another one each time."""
    lost, added = before.ports - after.ports, after.ports - before.ports
    of_chance = before.ports - again.ports if again is not None else frozenset()
    asked = {answer.port for answer in before.answers if answer.status}
    asked |= {int(port.partition("/")[0]) for port in before.configuration.ports if port.partition("/")[0].isdecimal()}
    chosen = {port for port in lost if port in of_chance or (port >= _FIRST_EPHEMERAL_PORT and port not in asked)}
    chosen_after = {port for port in added if of_chance or port >= _FIRST_EPHEMERAL_PORT}
    notes = []
    if chosen and len(chosen) == len(chosen_after):
        notes.append(f"ports that are drawn by lot: {_numbers(chosen)} before, {_numbers(chosen_after)} after")
        lost, added = lost - chosen, added - chosen_after
    return Findings(
        (
            *(Difference(f"port {port}", "open", "closed", _last_words(after)) for port in sorted(lost)),
            *(Difference(f"port {port}", "closed", "open") for port in sorted(added)),
            *(
                Difference(f"port {port}", "open", "open on loopback alone")
                for port in sorted((before.ports & after.inner_ports) - before.inner_ports)
            ),
        ),
        tuple(notes),
        tuple(f"port {port} open" for port in sorted(before.ports & after.ports)),
        is_proof=bool(before.ports & after.ports),
    )


def _health(before: Observation, after: Observation, again: Observation | None) -> Findings:
    if before.health == after.health:
        return Findings(checks=(f"health check: {before.health}",)) if before.health else Findings()
    if before.health == "healthy" and (again is None or again.health == "healthy"):
        return Findings((Difference("health check", "healthy", after.health or "none"),))
    # A check that didn't pass before promises nothing.
    return Findings(notes=(f"health check: {before.health or 'none'} before, {after.health or 'none'} after",))


def _stopped(before: Observation, after: Observation, again: Observation | None) -> Findings:
    if before.stopped_by_itself == after.stopped_by_itself:
        both = f"it came up and ended by itself, before ({ending(before.own_run)}) as after ({ending(after.own_run)})"
        return Findings(notes=(both,)) if before.stopped_by_itself else Findings()
    if before.stopped_by_itself:
        return Findings(notes=(f"the original ended by itself ({ending(before.own_run)}), the rewritten image didn't",))
    if again is not None and again.stopped_by_itself:
        how = ending(again.own_run)
        return Findings(notes=(f"the original ended by itself when it was run again ({how}), and so does this",))
    return Findings((Difference("after start", "keeps running", ending(after.own_run), _last_words(after)),))


def _memory(before: Observation, after: Observation) -> Findings:
    if after.out_of_memory and not before.out_of_memory:
        return Findings((Difference("memory", "enough", "out of memory"),))
    if before.out_of_memory:
        if after.out_of_memory:
            return Findings(notes=("both run out of memory: allow more with --memory",))
        return Findings(notes=("the original ran out of memory, the rewritten image didn't",))
    return Findings()


def _user(before: Observation, after: Observation) -> Findings:
    if before.uid is None or after.uid is None:
        return Findings()
    if before.uid == after.uid:
        return Findings(checks=(f"runs as {_name(after.uid)}",))
    if after.uid == 0:
        return Findings((Difference("user of the process", str(before.uid), "root"),))
    return Findings(checks=(f"runs as {after.uid} instead of {_name(before.uid)}",))


def _name(uid: int) -> str:
    return "root" if uid == 0 else str(uid)


def _log(before: Observation, after: Observation, again: Observation | None, *, is_worker: bool) -> Findings:
    """Errors that only the rewritten image tells of. Of a worker its log is all there is to judge it by."""
    old, new = log_lines(before.own_run.output), log_lines(after.own_run.output)
    added = new_lines((*old, *(log_lines(again.own_run.output) if again is not None else ())), new)
    harm = missing_or_denied(added)
    if is_worker:
        harm = tuple(dict.fromkeys((*harm, *crashes(added))))
    others = [line for line in errors(added) if line not in harm]
    notes = []
    if others and not harm:
        notes.append(f"new in the log: {_cut(others[0])}{_and_more(others)}")
    if is_worker and (lost := new_lines(new, old)):
        notes.append(f"no longer in the log: {_cut(lost[0])}{_and_more(lost)}")
    if not harm:
        return Findings(notes=tuple(notes), checks=("no new errors in the log",))
    detail = "\n".join(map(_cut, harm[:10]))
    return Findings((Difference("log", "no such line", _cut(harm[0]), detail if len(harm) > 1 else ""),), tuple(notes))


def _probe_runs(before: Observation, after: Observation, again: Observation | None) -> Findings:
    others = {run.command: run for run in after.runs}
    controls = {run.command: run for run in again.runs} if again is not None else {}
    return merged(
        run_findings(f"`{join(run.command)}`", run, others[run.command], controls.get(run.command))
        if run.command in others
        else Findings(notes=(f"`{join(run.command)}` was run with the original alone",))
        for run in before.runs
    )


def _writes(unwritable: Sequence[Unwritable], written: Sequence[str]) -> Findings:
    differences = tuple(
        Difference(refused.path, "written", refused.why, "\n".join(refused.paths) if len(refused.paths) > 1 else "")
        for refused in unwritable
    )
    count = f"{len(written)} path{'' if len(written) == 1 else 's'} written"
    return Findings(differences, checks=(count,) if written and not differences else ())


def _numbers(ports: Iterable[int]) -> str:
    return ", ".join(map(str, sorted(ports))) or "no port"


def _cut(line: str) -> str:
    return visible(line.strip())[:160]


def _and_more(lines: Sequence[str]) -> str:
    return f" and {len(lines) - 1} more" if len(lines) > 1 else ""
