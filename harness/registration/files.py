"""Reading registration files within limits, and replacing them without ever leaving half of one."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from harness.errors import ArtifactError, ConfigError
from harness.registration.shown import shown
from wire.formats.registration.xml import MAX_SIZE


def read_bounded(path: Path) -> bytes:
    """A file, or as much of it as shows that it is too large.

    Raises:
        ConfigError: it cannot be read.
    """
    try:
        with path.open("rb") as file:
            return file.read(MAX_SIZE + 1)
    except OSError as error:
        raise ConfigError(
            f"cannot read {shown(str(path), limit=200)}: {error.strerror}",
            hint="give the path of a backup_registration.xml",
        ) from error


def replace_file(path: Path, data: bytes) -> None:
    """Write a file so that a crash leaves the old one or the new one.

    Raises:
        ArtifactError: it cannot be written; the old one is still there.
    """
    temporary = ""
    try:
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
            temporary = file.name
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        # The temporary file is for its owner only; what replaces a file has that file's rights.
        Path(temporary).chmod(path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~_umask())
        Path(temporary).replace(path)
    except OSError as error:
        if temporary:
            Path(temporary).unlink(missing_ok=True)
        raise ArtifactError(
            f"cannot write {shown(str(path), limit=200)}: {error.strerror}", hint="nothing was changed"
        ) from error


def _umask() -> int:
    """It can only be read by setting it."""
    mask = os.umask(0o022)
    os.umask(mask)
    return mask
