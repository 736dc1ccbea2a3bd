"""Why mutants are left alive, by the function that they are in."""

from __future__ import annotations

from typing import Final

REASONS: Final[dict[str, str]] = {}
