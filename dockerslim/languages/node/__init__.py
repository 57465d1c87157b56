"""Node: package.json, lock files, scripts and source become facts about a project."""

from dockerslim.languages.node.build_outputs import BuildOutputs, build_script_outputs, is_build_script
from dockerslim.languages.node.command import Command
from dockerslim.languages.node.file_use import FileUse
from dockerslim.languages.node.native_addons import NativeAddon
from dockerslim.languages.node.project import NodeProject, detect, without_manifest
from dockerslim.languages.node.pruning import can_prune
from dockerslim.languages.node.runtime_loads import RuntimeLoads, runtime_loads
from dockerslim.languages.node.scripts import resolve_command, resolve_script

__all__ = [
    "BuildOutputs",
    "Command",
    "FileUse",
    "NativeAddon",
    "NodeProject",
    "RuntimeLoads",
    "build_script_outputs",
    "can_prune",
    "detect",
    "is_build_script",
    "resolve_command",
    "resolve_script",
    "runtime_loads",
    "without_manifest",
]
