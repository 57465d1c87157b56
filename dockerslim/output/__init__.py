"""What leaves the tool: diffs, written files, and messages."""
