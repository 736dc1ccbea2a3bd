"""The dead man's lease: a host that falls silent does not leave the phone in a backup."""

from __future__ import annotations

import threading
from collections.abc import Iterable

from harness.data_owner import DataOwner
from harness.handset import Handset
from tests.phone_in_thread import PhoneInThread, phone_in_thread
from wire.protocol.messages.phone import LEASE, Lease
from wire.symbian import BACKUP_RESTORE_KEY, SYSTEM_CATEGORY, Drive, TTransferDataType


def silence(handset: Handset) -> None:
    """From now on the host neither sends nor hears: what a process that was killed does."""

    def nothing(outgoing: Iterable[bytes], timeout_s: float) -> bytes:
        threading.Event().wait(min(timeout_s, 0.05))
        return b""

    handset.connection.transport.exchange = nothing  # type: ignore[method-assign]
    handset.connection.transport.wake()


def back_to_normal(phone: PhoneInThread) -> threading.Event:
    """Set when the property says Normal."""
    reached = threading.Event()
    properties = phone.agent.phone.properties
    old = properties.set

    def watched(category: int, key: int, value: int, caller: object) -> None:
        old(category, key, value, caller)  # type: ignore[arg-type]
        if (category, key, value) == (SYSTEM_CATEGORY, BACKUP_RESTORE_KEY, 1):
            reached.set()

    properties.set = watched  # type: ignore[method-assign]
    return reached


def test_a_silent_host_loses_its_mode() -> None:
    with phone_in_thread() as phone:
        handset = phone.handset()
        handset.connection.call(LEASE, Lease(200))
        handset.backup(partial=[]).__enter__()
        reached = back_to_normal(phone)
        silence(handset)
        assert reached.wait(10)
        handset.connection.close()


def test_a_host_that_is_silent_in_the_midst_of_a_callback_loses_it_too() -> None:
    class Dying(DataOwner):
        def get_backup_data_section(self, size: int) -> tuple[bytes, bool]:
            silence(handset)
            return b"too late", True

    with phone_in_thread() as phone:
        handset = phone.handset()
        handset.connection.call(LEASE, Lease(200))
        slot = handset.attach(Dying())
        run = handset.backup(partial=[slot.sid]).__enter__()
        run.wait_ready(slot.sid)
        reached = back_to_normal(phone)

        def request() -> None:
            try:
                run.request(slot.sid, Drive.parse("C"), TTransferDataType.EActiveBaseData)
            except Exception:  # noqa: BLE001 - the host is dead to the world, whatever it thinks of that
                pass

        thread = threading.Thread(target=request)
        thread.start()
        assert reached.wait(10)
        handset.connection.close()
        thread.join()


def test_a_host_that_only_waits_keeps_its_mode() -> None:
    """Its keeper asks for signs of life, which are signs of its own."""
    with phone_in_thread() as phone:
        handset = phone.handset()
        handset.connection.call(LEASE, Lease(1500))
        handset.backup(partial=[]).__enter__()
        handset.connection.wait_until(lambda: False, 2.5)
        assert not handset.properties.mode().is_normal
        handset.close()
