"""Python: how a stage installs, which libraries and programs the runtime stage needs."""
