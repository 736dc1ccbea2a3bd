"""Holding a phone by hand: a process that does nothing else, so that the kernel knows when it ends."""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

from harness.errors import LabUnavailable, Misuse
from harness.lab.hold import BY_HAND, Holder, holder_of, is_running, take

if TYPE_CHECKING:
    from harness.lab.config import HandsetEntry

START_TIMEOUT_S: Final = 20.0
END_TIMEOUT_S: Final = 5.0
_ENDS: Final = (signal.SIGINT, signal.SIGTERM)


def keep(entry: HandsetEntry, lab: Path, *, wait_s: float, hours: float, say: Callable[[str], None]) -> None:
    """Hold a phone until Ctrl-C, `symhil devices unlock`, or the time is over."""
    with take(entry, BY_HAND, lab=lab, wait_s=wait_s):
        signal.pthread_sigmask(signal.SIG_BLOCK, _ENDS)
        try:
            say(f"{entry.name} is held for {hours:g} h, or until Ctrl-C or `symhil devices unlock {entry.name}`")
            signal.sigtimedwait(_ENDS, hours * 3600)
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDS)


def keep_in_background(entry: HandsetEntry, lab: Path, *, wait_s: float, hours: float) -> str:
    """The same in a process of its own, which goes on when this one ends; what it said when it had the phone."""
    command = [sys.executable, "-P", "-m", "harness", "devices", "lock", entry.name, f"--config={lab.resolve()}"]
    process = subprocess.Popen(
        [*command, f"--wait={wait_s}", f"--hours={hours}"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    assert process.stdout is not None
    with process.stdout as output, selectors.DefaultSelector() as selector:
        selector.register(output, selectors.EVENT_READ)
        said = output.readline() if selector.select(wait_s + START_TIMEOUT_S) else b""
        if b" is held for " in said:
            # It goes on without us, and outlives us.
            process.returncode = 0
            return said.decode().strip()
        rest = output.read() if said else b""
    process.kill()
    process.wait()
    text = (said + rest).decode(errors="replace").strip().removeprefix("symhil: lab: ")
    raise LabUnavailable(text or f"{entry.name} could not be held in the background")


def let_go(entry: HandsetEntry, lab: Path) -> Holder | None:
    """End a hold that was taken by hand; None when nobody holds the phone."""
    holder = holder_of(entry, lab)
    if holder is None:
        return None
    if holder.purpose != BY_HAND or not is_running(holder):
        raise Misuse(
            f"{entry.name} is held by {holder}, which is no hold by hand",
            hint="end that process, or wait for it: the phone is free as soon as it has ended",
        )
    try:
        descriptor = os.pidfd_open(holder.pid)
        try:
            signal.pidfd_send_signal(descriptor, signal.SIGTERM)
            with selectors.DefaultSelector() as selector:
                selector.register(descriptor, selectors.EVENT_READ)
                ended = bool(selector.select(END_TIMEOUT_S))
        finally:
            os.close(descriptor)
    except ProcessLookupError:
        return holder
    except PermissionError as error:
        raise LabUnavailable(
            f"{entry.name} is held by {holder}, and only that user may end it", hint="ask for it"
        ) from error
    if not ended:
        raise LabUnavailable(f"{entry.name} is held by {holder}, which was told to end and did not")
    return holder
