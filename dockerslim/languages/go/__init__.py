"""Go: what a module is, whether it needs cgo, which programs it has, and what each uses at run time."""

from dockerslim.languages.go.build import BuildOutput, Output, build_outputs
from dockerslim.languages.go.build_flags import BuildFlags, build_flags
from dockerslim.languages.go.cgo import Cgo, CgoModule
from dockerslim.languages.go.module import GoModule, GoWorkspace, Replace, Require
from dockerslim.languages.go.program import ProgramFacts
from dockerslim.languages.go.project import GoProject, detect

__all__ = [
    "BuildFlags",
    "BuildOutput",
    "Cgo",
    "CgoModule",
    "GoModule",
    "GoProject",
    "GoWorkspace",
    "Output",
    "ProgramFacts",
    "Replace",
    "Require",
    "build_flags",
    "build_outputs",
    "detect",
]
