"""What the command line says of the bus; apart from the device, for most phones are started without one."""

from __future__ import annotations

from enum import Enum
from typing import Final

STANDARD_PORT: Final = 3240
"""Of USB/IP."""


class Speed(Enum):
    """How fast the bus is; the value is what a person calls it."""

    FULL = "full"
    HIGH = "high"
