"""The files that the words of Celery's command line make it write.

Sources: celery/bin/worker.py, celery/bin/beat.py, celery/app/defaults.py (5.7).
"""

from __future__ import annotations

from collections.abc import Sequence

from dockerslim.languages.python.command import option_value

SCHEDULE = "celerybeat-schedule"
PROCESS = "celerybeat.pid"


def written_by_celery(arguments: Sequence[str]) -> tuple[str, ...]:
    """The schedule of a scheduler, and the logs and process files, relative to the working folder."""
    writes: list[str] = []
    if "beat" in arguments or any(word in arguments for word in ("-B", "--beat")):
        writes.append(option_value(arguments, "-s", "--schedule", "--schedule-filename") or SCHEDULE)
    log = option_value(arguments, "-f", "--logfile")
    process = option_value(arguments, "--pidfile")
    if process is None and "beat" in arguments:
        process = PROCESS
    return (*writes, *(path for path in (log, process) if path))
