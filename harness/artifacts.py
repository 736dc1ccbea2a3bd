"""The artifacts folder: one folder for each run, never one for two.

<artifacts>/20261124T173912Z-5f3a91/   a run
latest -> 20261124T173912Z-5f3a91
"""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import re
import secrets
from pathlib import Path
from typing import Final

from harness.errors import ArtifactError

MAX_NAME: Final = 120


def new_run_folder(root: Path) -> Path:
    """Make a folder for a run that is about to begin, and let `latest` point to it."""
    stamp = dt.datetime.now(dt.UTC).strftime("%Y%m%dT%H%M%SZ")
    folder = root / f"{stamp}-{secrets.token_hex(3)}"
    try:
        root.mkdir(parents=True, exist_ok=True)
        folder.mkdir()
        (folder / ".writable").touch()
        (folder / ".writable").unlink()
        _point_latest_to(folder)
    except OSError as error:
        raise ArtifactError(
            f"no artifacts can be written to {root}: {error.strerror or error}",
            hint="name a folder that you may write to with --artifacts",
        ) from error
    return folder


def _point_latest_to(folder: Path) -> None:
    temporary = folder.parent / f".latest-{secrets.token_hex(3)}"
    temporary.symlink_to(folder.name)
    os.replace(temporary, folder.parent / "latest")


def safe_name(text: str) -> str:
    """A test's name as the name of a folder: no separators, no brackets, nothing a shell would ask about.

    A long one is cut and gets a digest of the whole, so that two tests never share a folder.
    """
    name = re.sub(r"[^\w.-]+", "_", text).strip("_.") or "unnamed"
    if len(name) <= MAX_NAME:
        return name
    return f"{name[: MAX_NAME - 9]}-{hashlib.sha256(text.encode()).hexdigest()[:8]}"
