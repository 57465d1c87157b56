"""All that a transform may look at: the document, its context and use, the images and the project."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

from dockerslim.context.build_context import BuildContext
from dockerslim.context.usage import Usage
from dockerslim.dockerfile import Dockerfile, Instruction, Stage
from dockerslim.dockerfile.shell import Script, run_script
from dockerslim.images.catalogue import Catalogue
from dockerslim.images.files import StageFiles, stage_files
from dockerslim.images.state import ImageState, StageStates, stage_states

if TYPE_CHECKING:
    from dockerslim.languages.go import GoProject
    from dockerslim.languages.node import NodeProject


@dataclass(frozen=True, slots=True)
class Options:
    """What the person running the tool said."""

    unsafe: bool = False
    runtime: str = "auto"
    will_be_tried: bool = False
    """Is the image going to be built, run and compared before anybody gets it? Then what only isn't known is no
    reason to refuse: it shows there."""
    can_write_ignore: bool = True
    """False where no other file may be made, as for standard input."""
    refused_ignore_lines: frozenset[str] = frozenset()
    """Lines that another Dockerfile of the same context contradicts."""

    @property
    def program_runtime(self) -> str:
        """`runtime` as it counts where a program runs: `nginx` is for static sites alone."""
        return "auto" if self.runtime == "nginx" else self.runtime


@dataclass(frozen=True)
class Case:
    """One Dockerfile and what is known around it. Immutable; a step makes a new one."""

    dockerfile: Dockerfile
    context: BuildContext | None
    usage: Usage
    catalogue: Catalogue
    options: Options = Options()
    path: str = "Dockerfile"
    """The file's name for messages."""
    projects: dict[tuple[str, str], object] = field(default_factory=dict, compare=False, repr=False)
    """Facts by language and folder; they don't depend on the Dockerfile and outlive a step."""

    def with_text(self, text: str) -> Case:
        return replace(self, dockerfile=Dockerfile.of_text(text))

    def with_ignore_lines(self, lines: tuple[str, ...]) -> Case:
        """The case as it is once these lines are in force."""
        if not lines or self.context is None:
            return self
        return replace(self, context=self.context.with_ignore_lines(lines))

    @cached_property
    def states(self) -> tuple[StageStates, ...]:
        return stage_states(self.dockerfile, self.catalogue)

    @property
    def final(self) -> StageStates:
        return self.states[-1]

    @property
    def stage(self) -> Stage:
        """The final stage."""
        return self.dockerfile.final_stage

    @cached_property
    def _files(self) -> dict[int, StageFiles]:
        return {}

    def files(self, stage: Stage) -> StageFiles:
        if stage.index not in self._files:
            self._files[stage.index] = stage_files(self.states[stage.index], self.context)
        return self._files[stage.index]

    def state(self, instruction: Instruction) -> ImageState:
        """The state that an instruction of any stage finds."""
        for states in self.states:
            if states.holds(instruction):
                return states.at(instruction)
        raise LookupError("the instruction is of another Dockerfile")

    @cached_property
    def _scripts(self) -> dict[int, Script]:
        return {}

    def script(self, instruction: Instruction) -> Script:
        """The shell commands of a RUN or of a shell-form command."""
        key = instruction.span.start
        if key not in self._scripts:
            self._scripts[key] = run_script(instruction, self.dockerfile.text)
        return self._scripts[key]

    def text(self, instruction: Instruction) -> str:
        """The instruction as it stands in the file."""
        return instruction.span.cut(self.dockerfile.text)

    def runs(self, stage: Stage) -> Iterator[tuple[Instruction, Script]]:
        for instruction in stage.all("RUN"):
            yield instruction, self.script(instruction)

    @cached_property
    def languages(self) -> frozenset[str]:
        """The languages of the images in use; of the build context where no image tells."""
        found = {s.final.image.language for s in self.states if s.final.image and s.final.image.language}
        # A front end that is built beside a server may get an image of its own.
        if "go" in found and any(FRONT_END.search(i.value) for s in self.dockerfile.stages for i in s.all("RUN")):
            found.add("node")
        if not found and self.context is not None:
            for name, evidence in LANGUAGE_EVIDENCE.items():
                if any(self.context.glob(pattern) for pattern in evidence):
                    found.add(name)
        return frozenset(name for name in found if name)

    def go_project(self, folder: str = "", *, workspace: bool = True) -> GoProject | None:
        """The Go project of a context's folder; `workspace` is False where the image has no go.work."""
        from dockerslim.languages.go import detect

        if self.context is None:
            return None
        key = ("go" if workspace else "go alone", folder)
        if key not in self.projects:
            self.projects[key] = detect(self.context, folder, workspace=workspace)
        return self.projects[key]  # type: ignore[return-value]

    def node_project(self, folder: str = "") -> NodeProject | None:
        from dockerslim.languages.node import detect

        if self.context is None:
            return None
        key = ("node", folder)
        if key not in self.projects:
            self.projects[key] = detect(self.context, folder)
        return self.projects[key]  # type: ignore[return-value]


FRONT_END = re.compile(r"(?<![\w./-])(?:npm|npx|yarn|pnpm)(?=\s)")
LANGUAGE_EVIDENCE = {
    "go": ("go.mod", "*.go"),
    "node": ("package.json",),
    "python": ("requirements.txt", "pyproject.toml", "setup.py", "Pipfile", "*.py"),
}
