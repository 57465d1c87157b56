"""What keeps a verification from telling anything, in one line and one sentence of help."""

from __future__ import annotations

from pathlib import Path


class VerifyError(Exception):
    """No engine, no permission, an image that can't be pulled, a full disk, a time-out.

    `log` is the file that holds the whole output, where one was kept.
    """

    def __init__(self, message: str, help: str = "", log: Path | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.help = help
        self.log = log


class BuildFailed(VerifyError):
    """The builder ran the Dockerfile and an instruction of it failed.

    `output` is the whole log; `message` names the step.
    """

    def __init__(self, message: str, help: str = "", log: Path | None = None, output: str = "") -> None:
        super().__init__(message, help, log)
        self.output = output
