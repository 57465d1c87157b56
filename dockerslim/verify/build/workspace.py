"""The temporary folder that candidates are built in: one copy of the build context, one folder a candidate.

The user's own tree is only read. BuildKit (and Podman) take the ignore file that lies beside a Dockerfile and is named
like it, so every candidate has its own although all share the copy.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from dockerslim.context.dockerignore import IgnoreFile
from dockerslim.verify.build.candidate import Candidate
from dockerslim.verify.build.context_changes import ContextEdit
from dockerslim.verify.build.context_copy import LIMITS, CopyLimits, TooLarge, copy_tree
from dockerslim.verify.errors import VerifyError

NO_IGNORE_FILE = b"# the build context has no ignore file\n"
"""What stands in for none: without any beside the Dockerfile the one of the context would be in force.

It is not empty, because an empty file can come out of a builder's protocol as no file.
"""

_UNSAFE = re.compile(r"[^A-Za-z0-9_.-]+")


@dataclass(frozen=True, slots=True)
class Workspace:
    """`context` is the copy of the build context."""

    folder: Path
    context: Path

    @classmethod
    def create(
        cls,
        folder: Path,
        context_root: Path,
        dockerfile: Path,
        ignore: bytes | None,
        limits: CopyLimits = LIMITS,
    ) -> Workspace:
        """Make `folder` and copy what the build of `dockerfile` sees of `context_root` with this ignore file.

        Whoever calls has seen to it that the folder is removed whatever happens. Raises VerifyError.
        """
        try:
            folder.mkdir(mode=0o700)
        except OSError as error:
            raise VerifyError(
                f"no folder can be made for the builds: {error}", "set TMPDIR to another folder"
            ) from error
        text = (ignore or b"").decode("utf-8", "surrogateescape")
        context = folder / "context"
        try:
            copy_tree(context_root, context, IgnoreFile.parse(text), limits)
        except TooLarge as error:
            # The root as the largest folder means that no single one stands out.
            where = f", most of it in `{error.folder}`" if error.folder else ""
            advice = (
                f"put `{error.folder}` into .dockerignore"
                if error.folder
                else "put what no COPY needs into .dockerignore"
            )
            raise VerifyError(
                f"the build context of {dockerfile.name} is too large to copy: {error.what}{where}", advice
            ) from error
        return cls(folder, context)

    def candidate_folder(self, candidate: Candidate) -> Path:
        """Write the candidate's Dockerfile and ignore file; the path of the Dockerfile."""
        folder = self.folder / "candidates" / _UNSAFE.sub("-", candidate.name)
        dockerfile = folder / "Dockerfile"
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            dockerfile.write_bytes(candidate.dockerfile)
            dockerfile.with_name("Dockerfile.dockerignore").write_bytes(candidate.ignore or NO_IGNORE_FILE)
        except OSError as error:
            raise VerifyError(f"the Dockerfile to build can't be written: {error}") from error
        return dockerfile

    @contextmanager
    def edited(self, edit: ContextEdit, mark: str) -> Iterator[None]:
        """While it is open the copy of the context holds the edit; afterwards all is as it was, the time too.

        Raises VerifyError where the file is not there or is a link, which may lead anywhere.
        """
        path = self.context / edit.path
        try:
            status = path.lstat()
            if not stat.S_ISREG(status.st_mode):
                raise VerifyError(f"`{edit.path}` is no regular file")
            original = path.read_bytes()
        except OSError as error:
            raise VerifyError(f"`{edit.path}` can't be edited: {error.strerror or error}") from error
        try:
            _replace(path, edit.applied(original, mark), status.st_mode)
            yield
        finally:
            _replace(path, original, status.st_mode)
            os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def _replace(path: Path, data: bytes, mode: int) -> None:
    """Write into the file itself, even where its mode says that it is not to be written."""
    try:
        if not mode & stat.S_IWUSR:
            path.chmod(stat.S_IMODE(mode) | stat.S_IWUSR)
        path.write_bytes(data)
        path.chmod(stat.S_IMODE(mode))
    except OSError as error:
        raise VerifyError(f"`{path.name}` can't be edited: {error.strerror or error}") from error
