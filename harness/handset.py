"""What a test author holds: one phone, with everything that can be asked of it."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterable
from types import TracebackType
from typing import Final, Self

from harness import __version__
from harness.archive import BackupSet
from harness.backup import BackupRun, RestoreRun
from harness.connection import KEEPER_DELAY_S, Connection
from harness.data_owner import DataOwner, OwnerSlots, Slot
from harness.engine import NORMAL, EngineClient
from harness.errors import HandsetLost, LabUnavailable, Misuse, RecordingDiffers, UnexpectedState
from harness.identity import who_we_are
from harness.journal import Journal
from harness.phone_files import PhoneFiles
from harness.properties import Properties, PropertySubscription
from harness.transport.base import Transport
from harness.write_guard import refuse_writes
from wire.layout import EMPTY
from wire.protocol.handshake import make_hello
from wire.protocol.link import TraceHook
from wire.protocol.messages import emulator as emulator_messages
from wire.protocol.messages import fingerprint
from wire.protocol.messages.phone import LEASE, PHONE_INFO, Lease, PhoneFeatures, PhoneInfo, PropertyAssignment
from wire.symbian import Drive, SecureId

LEASE_S: Final = 20.0
"""How long the phone stays in a backup mode when this process is gone, however it went."""

RECONNECT_S: Final = 60.0
"""How long a phone may be away before it is given up: longer than one takes to boot."""

_AGAIN_S: Final = 0.2

BUILD: Final = f"symhil {__version__}"


class Emulator:
    """What can be done to an emulated handset only. Misuse on a real one."""

    def __init__(self, connection: Connection, info: PhoneInfo, on_reset: Callable[[], None]) -> None:
        self._connection = connection
        self._emulated = bool(info.features & PhoneFeatures.EMULATED)
        self._on_reset = on_reset

    def _check(self) -> None:
        if not self._emulated:
            raise Misuse(
                "only an emulated handset can do this",
                hint="let the test ask `handset.is_emulated` first, or mark it for the emulator",
            )

    def advance_clock(self, seconds: float) -> None:
        """Let the phone's time pass at once."""
        self._check()
        duration = emulator_messages.Duration(int(seconds * 1000))
        self._connection.call(emulator_messages.EMULATOR_ADVANCE_CLOCK, duration)

    def reset(self, profile: str = "") -> None:
        """Begin again with a new phone of the same or another profile."""
        self._check()
        self._connection.call(emulator_messages.EMULATOR_RESET, emulator_messages.ProfileChoice(profile))
        self._on_reset()

    def kill_process(self, sid: SecureId) -> None:
        """End the process of a data owner without a word; -1 when it does not run."""
        self._check()
        self._connection.call(emulator_messages.EMULATOR_KILL_PROCESS, emulator_messages.ProcessOrder(sid))

    def install_package(self, uid: int) -> None:
        """Install a package of the profile; -1 when it has none of that UID, -11 when it is installed."""
        self._check()
        self._connection.call(emulator_messages.EMULATOR_INSTALL_PACKAGE, emulator_messages.PackageOrder(uid))

    def remove_package(self, uid: int) -> None:
        """Remove an installed package with its files; -1 when it is not installed, -5 when it cannot be."""
        self._check()
        self._connection.call(emulator_messages.EMULATOR_REMOVE_PACKAGE, emulator_messages.PackageOrder(uid))

    def set_property(self, category: int, key: int, value: int) -> None:
        """Set any property as its rightful writer."""
        self._check()
        assignment = PropertyAssignment(category, key, value)
        self._connection.call(emulator_messages.EMULATOR_SET_PROPERTY, assignment)


class Handset:
    """One phone with an open session. A context manager.

    Attributes:
        name: what the lab calls it.
        allow_restore: what the lab says of writing to it; where it is not allowed, WriteRefused is raised.
        info: what the agent says of the phone.
        properties, files, engine: the phone's services.
        emulator: what only an emulated handset can do.
        journal: what happened, in order.
        mode_changes: every change of the backup and restore property since the session began.
    """

    def __init__(
        self,
        connection: Connection,
        *,
        name: str,
        journal: Journal | None = None,
        allow_restore: bool = True,
        plug_in: Callable[[], Transport] | None = None,
        trace: TraceHook | None = None,
        keeper_delay_s: float = KEEPER_DELAY_S,
    ) -> None:
        self.connection = connection
        self._plug_in = plug_in
        self._trace = trace
        self._keeper_delay_s = keeper_delay_s
        self._next: Handset | None = None
        self.name = name
        self.allow_restore = allow_restore
        self.journal = journal or Journal()
        self.info = connection.call(PHONE_INFO, EMPTY)
        connection.call(LEASE, Lease(int(LEASE_S * 1000)))
        self.properties = Properties(connection, self.journal)
        self.files = PhoneFiles(connection)
        self.engine = EngineClient(connection, self.journal)
        self.slots = OwnerSlots(connection, self.journal, self.info.owner_slots)
        self.emulator = Emulator(connection, self.info, self._phone_is_new)
        self.mode_changes: PropertySubscription = self.properties.subscribe_mode()

    def _phone_is_new(self) -> None:
        """After a reset of an emulated handset nothing of the old one is left, subscriptions included."""
        self.info = self.connection.call(PHONE_INFO, EMPTY)
        self.slots.forget_all()
        self.mode_changes = self.properties.subscribe_mode()

    @classmethod
    def open(
        cls,
        transport: Transport,
        *,
        name: str = "",
        clock: Callable[[], float] = time.monotonic,
        trace: TraceHook | None = None,
        allow_restore: bool = True,
        plug_in: Callable[[], Transport] | None = None,
        journal: Journal | None = None,
        keeper_delay_s: float = KEEPER_DELAY_S,
    ) -> Handset:
        """Begin a session over a transport.

        `plug_in` opens the same line again, for `reconnect`; `keeper_delay_s` is the connection's.

        Raises LabUnavailable when nobody answers, StaleAgent when the agent is of another version.
        """
        hello = make_hello(
            transport.profile,
            fingerprint=fingerprint(),
            build=BUILD,
            product=who_we_are(),
            nonce=secrets.randbits(32),
        )
        name = name or transport.name
        guard = None if allow_restore else refuse_writes(name)
        connection = Connection(
            transport, hello, clock=clock, trace=trace, guard=guard, keeper_delay_s=keeper_delay_s
        )
        try:
            return cls(
                connection,
                name=name,
                journal=journal or Journal(clock=clock),
                allow_restore=allow_restore,
                plug_in=plug_in,
                trace=trace,
                keeper_delay_s=keeper_delay_s,
            )
        except BaseException:
            connection.close()
            raise

    def reconnect(self, timeout_s: float = RECONNECT_S) -> Handset:
        """A new session with the same phone after this one was lost; it ends when this one is closed.

        Tried until the phone is there again; after `timeout_s` raises why it is not. The journal goes on. What
        the phone had for the old session is gone: owners have to be attached again, and a mode that it was left
        in is still to be ended (`recover`).
        """
        if self._plug_in is None:
            raise Misuse(
                f"nobody has said how to open {self.name} again",
                hint="open the session with `plug_in=`, or let the lab's configuration do it",
            )
        self.connection.close()
        clock = self.connection.clock
        deadline = clock() + timeout_s
        while True:
            try:
                self._next = Handset.open(
                    self._plug_in(),
                    name=self.name,
                    clock=clock,
                    trace=self._trace,
                    allow_restore=self.allow_restore,
                    plug_in=self._plug_in,
                    journal=self.journal,
                    keeper_delay_s=self._keeper_delay_s,
                )
            except (LabUnavailable, HandsetLost) as error:
                self.journal.add("note", f"not there yet: {error}")
                if clock() >= deadline or isinstance(error, RecordingDiffers):
                    raise
                time.sleep(_AGAIN_S)
            else:
                self.journal.add("note", "a new session with the phone")
                return self._next

    @property
    def is_emulated(self) -> bool:
        """It is an emulated handset."""
        return bool(self.info.features & PhoneFeatures.EMULATED)

    # ------------------------------------------------------------------------------------- data owners

    def attach(
        self,
        owner: DataOwner,
        sid: SecureId | None = None,
        *,
        automatic: bool = True,
        with_callbacks: bool = True,
        confirm_error: int = 0,
    ) -> Slot:
        """Let a data owner of this process take part in what the engine does.

        Args:
            owner: answers the callbacks.
            sid: the slot; the first free one when it is not given.
            automatic: the slot's process connects, asks and confirms by itself at each change of mode, as the
                tutorial's owner does. Otherwise the test makes these calls on the returned Slot.
            with_callbacks: connect with a callback interface.
            confirm_error: what it confirms with.
        """
        return self.slots.attach(
            owner, sid, automatic=automatic, with_callbacks=with_callbacks, confirm_error=confirm_error
        )

    # ------------------------------------------------------------------------------------------- runs

    def backup(
        self,
        *,
        partial: Iterable[SecureId] | None = None,
        incremental: bool = False,
        drives: Iterable[Drive] | None = None,
        backup_set: BackupSet | None = None,
        asynchronous: bool = False,
    ) -> BackupRun:
        """A backup run; see `BackupRun`."""
        return BackupRun(
            self,
            partial=partial,
            incremental=incremental,
            drives=drives,
            backup_set=backup_set,
            asynchronous=asynchronous,
        )

    def restore(
        self,
        *,
        partial: Iterable[SecureId] | None = None,
        incremental: bool = False,
        drives: Iterable[Drive] | None = None,
        asynchronous: bool = False,
    ) -> RestoreRun:
        """A restore run; see `RestoreRun`."""
        return RestoreRun(self, partial=partial, incremental=incremental, drives=drives, asynchronous=asynchronous)

    def require_normal(self) -> None:
        """Raise UnexpectedState when the phone is in a backup or restore mode already."""
        mode = self.properties.mode()
        if not mode.is_normal:
            raise UnexpectedState(
                f"{self.name} is in mode {mode} already, normal was expected: an earlier run did not end it",
                hint="`symhil devices recover` brings it back to normal; or wait, or restart the phone",
            )

    def recover(self) -> bool:
        """Bring a phone that was found in a backup or restore mode back to normal; whether it had to be."""
        if self.properties.mode().is_normal:
            return False
        self.engine.set_mode(NORMAL)
        # An engine that was started anew does not know of the mode, so its first Normal rewrites the property
        # and one that does know leaves the mode.
        self.journal.add("note", "brought back to normal")
        return True

    def close(self) -> None:
        """End the session, and those that followed it."""
        if self._next is not None:
            self._next.close()
        self.connection.close()
        self.journal.write_to(None)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
