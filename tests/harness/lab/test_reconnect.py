"""A phone that is pulled out and put back in: known again by its identity, on whatever port it is then."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from harness.emulated import EmulatedHandset
from harness.errors import LabUnavailable, LinkClosed
from harness.identity import hashed_imei
from harness.lab.config import HandsetEntry, SerialLink
from harness.lab.discovery import AttachedPort
from harness.lab.open import open_handset
from harness.phone_at_hand import PhoneAtHand

IDENTITY = hashed_imei("004401012345678")
"""Of the emulated handset's IMEI."""


class Attached:
    """What this machine has on USB, as the kernel would list it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.ports: list[str] = []
        monkeypatch.setattr("harness.lab.discovery.attached_ports", self)

    def __call__(self) -> list[AttachedPort]:
        return [AttachedPort(port, "Nokia N8-00", 0x0421, 0x02FE, "") for port in self.ports]


@pytest.fixture
def attached(monkeypatch: pytest.MonkeyPatch) -> Attached:
    return Attached(monkeypatch)


def entry_on(port: str, identity: str = IDENTITY) -> HandsetEntry:
    return HandsetEntry(name="n8", identity=identity, links=(SerialLink(kind="serial", port=port),))


class Waiting:
    """Time that passes only when somebody waits; then something happens."""

    def __init__(self) -> None:
        self.now = 0.0
        self.meanwhile: list[EmulatedHandset] = []
        self.attached: Attached | None = None
        self.placeholders: list[int] = []

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        if self.now > 1 and not self.meanwhile and self.attached is not None:
            self.placeholders += os.openpty()  # or the new one would get the number that has become free
            self.meanwhile.append(EmulatedHandset())
            self.attached.ports.append(self.meanwhile[0].where)


def test_pulled_out_in_the_midst_and_back_on_another_port(attached: Attached, tmp_path: Path) -> None:
    waiting = Waiting()
    waiting.attached = attached
    first = EmulatedHandset()
    phone = PhoneAtHand(
        entry_on(first.where),
        tmp_path,
        lab=None,
        wait_s=0,
        collect_logs=False,
        reconnect_s=5,
        clock=waiting.clock,
        sleep=waiting.sleep,
    )
    try:
        handset = phone.open()
        first.close()
        # The vanished port itself, at once: not the silence that shows after seconds.
        with pytest.raises(LinkClosed, match="is gone"):
            handset.properties.mode()
        again = phone.open()
        assert again is not handset
        assert again.connection.transport.name == waiting.meanwhile[0].where != first.where
        assert phone.was_lost
        assert not phone.out
    finally:
        phone.end()
        first.close()
        for other in waiting.meanwhile:
            other.close()
        for descriptor in waiting.placeholders:
            os.close(descriptor)


def test_another_phone_on_a_port_is_not_taken_for_it(attached: Attached) -> None:
    with EmulatedHandset() as emulated:
        attached.ports.append(emulated.where)
        with (
            pytest.raises(LabUnavailable, match="there is no port /dev/no-such-port"),
            open_handset(entry_on("/dev/no-such-port", "0123456789ab")),
        ):
            pass


def test_patience_has_an_end(attached: Attached, tmp_path: Path) -> None:
    waiting = Waiting()
    first = EmulatedHandset()
    phone = PhoneAtHand(
        entry_on(first.where),
        tmp_path,
        lab=None,
        wait_s=0,
        collect_logs=False,
        reconnect_s=5,
        clock=waiting.clock,
        sleep=waiting.sleep,
    )
    handset = phone.open()
    first.close()
    with pytest.raises(LinkClosed):
        handset.properties.mode()
    with pytest.raises(LabUnavailable, match="there is no port"):
        phone.open()
    assert 5 <= waiting.now <= 6
    assert "there is no port" in phone.out
    assert not phone.is_usable()
    phone.end()
