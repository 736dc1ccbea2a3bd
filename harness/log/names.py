"""Names of logs: what a phone calls one, and what its copy here is called."""

from __future__ import annotations

import hashlib
import re
from typing import Final

from harness.artifacts import safe_name

# What the folders hold that logs are written into, and names that are devices on some machines.
_TAKEN: Final = re.compile(
    r"(collection|results|run)\.json|journal\.jsonl|wire\.pcapng|junit\.xml|emulator\.log|backup-set|latest|.*\.part"
    r"|(con|prn|aux|nul|com\d|lpt\d)(\..*)?",
    re.IGNORECASE,
)


def local_name(name: str) -> str:
    """A name from the phone as a name here: it is only a name, whatever it contains.

    One that had to be changed, or that we use ourselves, gets a digest of the whole: two logs never share a file.
    """
    safe = safe_name(name)
    if safe == name and not _TAKEN.fullmatch(name):
        return safe
    return f"{safe}-{hashlib.sha256(name.encode('utf-8', 'surrogatepass')).hexdigest()[:8]}"
