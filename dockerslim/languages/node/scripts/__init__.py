"""From `npm start` to the programs that run."""

from dockerslim.languages.node.scripts.resolve import OPTIONS, resolve_command, resolve_script, words_of_options

__all__ = ["OPTIONS", "resolve_command", "resolve_script", "words_of_options"]
