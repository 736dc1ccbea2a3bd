"""backup_registration.xml: how a data owner tells the phone's backup engine what it takes part in.

    bytes --xml.scan--> elements --RegistrationReader--> Registration --write_registration--> bytes

The reader is the one place that knows what the engine does with an element. The emulated handset acts on
its result and its remarks, the linter reports them, so that what the linter says is what the emulator does.

The writer (writer.py) is not among the names here: only who writes such files should wait for lxml.

Section numbers of "Registration format" are those of the specification that docs/architecture.md names.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wire.formats.registration.errors import RegistrationError, RegistrationPanic, describe_registration_error
from wire.formats.registration.files import is_primary, is_registration_name, read_directory_sid
from wire.formats.registration.model import ActiveBackup, PassiveBackup, PublicBackup, Registration
from wire.formats.registration.paths import (
    Selection,
    is_allowed_at_restore,
    is_excluded_at_backup,
    is_excluded_passive,
    is_excluded_public,
    is_excluded_public_file,
)
from wire.formats.registration.reader import RegistrationReader
from wire.formats.registration.remarks import Remark, RemarkKind

if TYPE_CHECKING:
    from wire.symbian import SecureId

__all__ = [
    "ActiveBackup",
    "PassiveBackup",
    "PublicBackup",
    "Registration",
    "RegistrationError",
    "RegistrationPanic",
    "RegistrationReader",
    "Remark",
    "RemarkKind",
    "Selection",
    "describe_registration_error",
    "is_allowed_at_restore",
    "is_excluded_at_backup",
    "is_excluded_passive",
    "is_excluded_public",
    "is_excluded_public_file",
    "is_primary",
    "is_registration_name",
    "parse_registration",
    "read_directory_sid",
]


def parse_registration(data: bytes, sid: SecureId, *, primary: bool = True) -> Registration:
    """One file, read as the engine reads it.

    Args:
        data: the whole file.
        sid: the owner, whose private directory the paths are relative to.
        primary: its name is exactly `backup_registration.xml`.

    Raises:
        RegistrationError: the engine cannot use the file.
    """
    reader = RegistrationReader(sid)
    reader.read(data, primary=primary)
    return reader.result()
