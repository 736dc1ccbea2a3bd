"""A correct file from what somebody wishes for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING, Final

from harness.errors import ConfigError
from harness.registration.lint import FileReport, lint
from harness.registration.rules import Severity
from harness.registration.rules_attributes import can_be_executable
from harness.registration.shown import quoted
from harness.registration.subject import Subject
from wire.formats.registration import (
    ActiveBackup,
    PassiveBackup,
    PublicBackup,
    Registration,
    Selection,
)
from wire.formats.registration.files import PRIMARY_NAME
from wire.formats.registration.paths import expand_passive, expand_public
from wire.formats.registration.values import DEFAULT_CALLBACK_DELAY_TIME_US
from wire.formats.registration.writer import write_registration
from wire.symbian import SecureId, TActiveBackupType

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_POLICY: Final = re.compile(r"(0[xX])?([0-9A-Fa-f]{1,8})")


@dataclass(frozen=True, slots=True)
class Paths:
    """Paths of one part, as a person would write them."""

    directories: Sequence[str] = ()
    files: Sequence[str] = ()
    excludes: Sequence[str] = ()

    @property
    def are_there(self) -> bool:
        """Whether there is any."""
        return bool(self.directories or self.files or self.excludes)


@dataclass(frozen=True, slots=True)
class Wishes:
    r"""What the owner is to take part in.

    Attributes:
        sid: the owner, needed only for paths that name its private directory.
        process_name: of an active owner, or nothing.
        supports_selective: of both parts, since it counts only if both say so.
        passive: private files; any path makes the owner passive.
        public: public files, each with its drive.
        policies: of shared databases, with or without 0x.
    """

    sid: SecureId | None = None
    process_name: str | None = None
    active_type: TActiveBackupType = TActiveBackupType.EActiveOnly
    supports_incremental: bool = True
    supports_selective: bool = False
    callback_delay_time_us: int = DEFAULT_CALLBACK_DELAY_TIME_US
    passive: Paths = Paths()
    delete_before_restore: bool = False
    base_backup_only: bool = False
    public: Paths = Paths()
    has_system_files: bool = False
    requires_reboot: bool = False
    proxies: Sequence[SecureId] = ()
    policies: Sequence[str] = ()


def new_file(wishes: Wishes) -> tuple[bytes, FileReport]:
    """The file, and what the linter still has to say of it, which is no error.

    Raises:
        ConfigError: what is wished for would not work on the phone.
    """
    try:
        registration = _registration(wishes)
        data = write_registration(registration)
    except ValueError as error:
        raise ConfigError(f"this cannot be registered: {error}") from error
    report = lint(Subject(PurePath(PRIMARY_NAME), data, expected_sid=registration.sid))
    errors = [f"{f.rule.id}: {f.message}" for f in report.findings if f.severity is Severity.ERROR]
    if errors:
        raise ConfigError(
            "the file would not do what is wished for:\n  " + "\n  ".join(errors),
            hint="`symhil registration rules` says what each rule is about",
        )
    return data, report


def _registration(wishes: Wishes) -> Registration:
    sid = wishes.sid or SecureId(0)
    active = wishes.process_name is not None and ActiveBackup(
        process_name=_process_name(wishes.process_name),
        supports_selective=wishes.supports_selective,
        supports_incremental=wishes.supports_incremental,
        active_type=wishes.active_type,
        callback_delay_time_us=wishes.callback_delay_time_us,
    )
    is_passive = wishes.passive.are_there or wishes.policies
    return Registration(
        sid=sid,
        active=active or None,
        passive=PassiveBackup(
            supports_selective=wishes.supports_selective,
            delete_before_restore=wishes.delete_before_restore,
            base_backup_only=wishes.base_backup_only,
            selections=_selections(
                wishes.passive,
                lambda path: expand_passive(path, sid),
                r"the owner's private directory, as in \x",
            ),
        )
        if is_passive
        else None,
        public=PublicBackup(selections=_selections(wishes.public, expand_public, r"its drive, as in c:\data\x"))
        if wishes.public.are_there
        else None,
        has_system_files=wishes.has_system_files,
        requires_reboot=wishes.requires_reboot,
        proxies=tuple(wishes.proxies),
        dbms_policies=tuple(_policy(policy) for policy in wishes.policies),
    )


def _policy(text: str) -> int:
    match = _POLICY.fullmatch(text)
    if match is None:
        raise ConfigError(f"a database policy is 1 to 8 hexadecimal digits, not {quoted(text)}")
    return int(match.group(2), 16)


def _process_name(name: str) -> str:
    if not can_be_executable(name):
        raise ConfigError(
            f"the process name {quoted(name)} cannot be that of an executable",
            hint="give the file name of the owner's executable, as in mydataowner.exe",
        )
    return name


def _selections(paths: Paths, expand: Callable[[str], str | None], what: str) -> tuple[Selection, ...]:
    # With a trailing backslash an exclude does not do what is meant (BR311).
    written = (
        *((path if path.endswith("\\") else path + "\\", True) for path in paths.directories),
        *((path, True) for path in paths.files),
        *((path.rstrip("\\") or path, False) for path in paths.excludes),
    )
    selections = []
    for path, include in written:
        expanded = expand(path) if path else None
        if expanded is None:
            raise ConfigError(f"the path {quoted(path)} does not name {what}")
        selections.append(Selection(expanded, include))
    return tuple(selections)
