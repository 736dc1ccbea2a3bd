"""The rule that needs to know more owners than one (Registration format 9.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.registration.rules import ERROR, Hit, rule
from wire.formats.registration import RemarkKind
from wire.symbian import SecureId, TActiveBackupType

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.registration.subject import Subject


@rule(
    "BR216",
    ERROR,
    "a proxy that is not registered, or not as a proxy",
    "The owner's status is 1 (not found) for a proxy that is not registered, and 4 (failed) for one that is "
    "registered as activeonly or without active_backup; it never gets ready.",
)
def proxy_not_available(file: Subject) -> Iterator[Hit]:
    """Among the files that are checked together; who is missing there counts only with `--whole-phone`."""
    for remark in file.remarks(RemarkKind.PROXY_ADDED):
        sid = SecureId(remark.number)
        proxy = file.phone.owners.get(sid)
        if proxy is None:
            if file.phone.is_complete:
                text = "The owner's status is 1 (not found); it never gets ready."
                yield Hit.of(remark, f"the proxy {sid} is not registered", consequence=text)
        elif proxy.active is None or proxy.active.active_type is TActiveBackupType.EActiveOnly:
            text = "The owner's status is 4 (failed); it never gets ready."
            yield Hit.of(remark, f"{sid} is registered, but not as a proxy", consequence=text)
