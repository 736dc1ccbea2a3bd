"""A phone's transfers arrive at the host as a bus would bring them, however the host cuts its reads."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from device_agent.emulator.usb.endpoints import InEndpoint

PACKET = 64


@given(st.lists(st.binary(max_size=5 * PACKET), max_size=8), st.lists(st.integers(1, 6), min_size=1, max_size=60))
def test_every_byte_arrives_once_and_in_order(transfers: list[bytes], reads: list[int]) -> None:
    endpoint = InEndpoint()
    got: list[bytes] = []
    waiting = iter(transfers)
    for number, packets in enumerate(reads):
        endpoint.read(number, packets * PACKET)
        if (transfer := next(waiting, None)) is not None:
            endpoint.send(transfer)
        got += [data for _, data in endpoint.delivered()]
    whole = b"".join(transfers[: len(reads)])
    assert whole.startswith(b"".join(got))
    # Enough reads bring the rest.
    for number in range(100):
        endpoint.read(1000 + number, PACKET)
    got += [data for _, data in endpoint.delivered()]
    assert b"".join(got) == whole


@given(st.binary(max_size=4 * PACKET))
def test_a_transfer_ends_with_a_packet_that_is_not_full(transfer: bytes) -> None:
    endpoint = InEndpoint()
    endpoint.send(transfer)
    for number in range(10):
        endpoint.read(number, PACKET)
    packets = [data for _, data in endpoint.delivered()]
    assert b"".join(packets) == transfer
    assert all(len(packet) == PACKET for packet in packets[:-1])
    assert len(packets[-1]) == len(transfer) % PACKET


def test_a_read_that_was_given_up_takes_nothing() -> None:
    endpoint = InEndpoint()
    endpoint.read(1, PACKET)
    endpoint.read(2, PACKET)
    assert endpoint.cancel(1)
    assert not endpoint.cancel(1)
    endpoint.send(b"x")
    assert [tuple(each) for each in endpoint.delivered()] == [(2, b"x")]
    assert not endpoint.cancel(2)


def test_only_the_latest_state_is_told() -> None:
    endpoint = InEndpoint()
    endpoint.send(b"old" * 40)
    endpoint.read(1, PACKET)
    assert list(endpoint.delivered())  # half of it
    endpoint.replace(b"new")
    endpoint.read(2, PACKET)
    assert [data for _, data in endpoint.delivered()] == [b"new"]


def test_stalling_ends_what_waits_and_unplugging_forgets_it() -> None:
    endpoint = InEndpoint()
    endpoint.read(1, PACKET)
    endpoint.read(2, PACKET)
    assert endpoint.abort() == [1, 2]
    endpoint.send(b"x")
    endpoint.reset()
    endpoint.read(3, PACKET)
    assert not list(endpoint.delivered())
