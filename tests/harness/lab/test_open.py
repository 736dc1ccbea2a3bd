"""From an entry to an open session: which link, and whether it is the phone that was meant."""

from __future__ import annotations

import pytest

from harness.emulated import EmulatedHandset
from harness.errors import LabUnavailable
from harness.identity import hashed_imei
from harness.lab.config import EmulatorLink, HandsetEntry, SerialLink, TcpLink
from harness.lab.open import open_handset

EMULATOR = EmulatorLink(kind="emulator")


def test_a_link_that_does_not_work_is_followed_by_the_next() -> None:
    nothing = SerialLink(kind="serial", port="/dev/no-such-port")
    with EmulatedHandset() as emulated:
        links = (nothing, SerialLink(kind="serial", port=emulated.where))
        with open_handset(HandsetEntry(name="a", links=links)) as handset:
            assert handset.connection.transport.name == emulated.where


def test_no_link_works_and_each_says_why() -> None:
    links = (SerialLink(kind="serial", port="/dev/no-such-port"), TcpLink(kind="tcp", port=1))
    with (
        pytest.raises(LabUnavailable, match=r"(?s)there is no port /dev/no-such-port.*nothing answers on"),
        open_handset(HandsetEntry(name="a", links=links)),
    ):
        pass


def test_another_phone_than_the_one_that_was_meant_is_refused() -> None:
    with open_handset(HandsetEntry(name="a", links=(EMULATOR,))) as handset:
        identity = hashed_imei(handset.info.imei)
    with open_handset(HandsetEntry(name="a", links=(EMULATOR,), identity=identity)) as handset:
        assert handset.name == "a"
    other = HandsetEntry(name="a", links=(EMULATOR,), identity="0123456789ab")
    with (
        pytest.raises(LabUnavailable, match=f"identity 0123456789ab, but on .* identity {identity}"),
        open_handset(other),
    ):
        pass


def test_a_line_may_be_as_slow_as_a_real_one() -> None:
    with EmulatedHandset(tcp=True) as emulated:
        _, host, port = emulated.where.split(":")
        slow = TcpLink(kind="tcp", host=host, port=int(port), faults="rfcomm")
        with open_handset(HandsetEntry(name="a", links=(slow,))) as handset:
            assert "rfcomm" in handset.connection.transport.name
