"""Which Docker tests may be skipped where Docker is required."""

from __future__ import annotations

import pytest

MAY_SKIP = pytest.StashKey[bool]()
"""Set on a test that is skipped for want of what an engine without a way to a registry may lack."""
