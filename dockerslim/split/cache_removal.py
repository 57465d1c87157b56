"""Finds the `rm` commands of a RUN that would take a mounted cache away, which is an error while it is mounted."""
