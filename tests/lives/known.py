"""What the core is known to do otherwise than the law here says, with the reason; best empty."""

from __future__ import annotations

from collections.abc import Mapping

KNOWN: Mapping[str, str] = {}
"""Invariant and place → why it is excepted."""
