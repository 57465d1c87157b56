"""What one file of JavaScript or TypeScript loads, reads, writes and starts."""

from dockerslim.languages.node.source_file.read import SourceFile, read_source_file

__all__ = ["SourceFile", "read_source_file"]
