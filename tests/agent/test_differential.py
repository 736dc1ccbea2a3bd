"""The core and the Python agent are told the same and say the same, or one of them is wrong.

What the two are told is made by tests/agent/generated.py: good requests and bad ones, streams and callbacks,
frames that were damaged, cut, repeated and swapped, noise, strangers, new sessions.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.agent.generated import Conversation, answer_callback
from tests.agent.line import KINDS
from tests.agent.raw_host import RawHost

EXCHANGES = 20_000
CONVERSATIONS = 40
FIRST_NONCE = 0x1000

Transcript = dict[tuple[Any, ...], list[Any]]


def difference(heard: dict[str, Transcript]) -> str:
    """What one agent said and the other did not; empty when they said the same."""
    keys = dict.fromkeys(key for transcript in heard.values() for key in transcript)
    lines = []
    for key in keys:
        said = {kind: transcript.get(key) for kind, transcript in heard.items()}
        if said["python"] != said["core"]:
            lines += [f"channel {key}", *(f"  {kind:<6} {what!r:.400}" for kind, what in said.items())]
    return "\n".join(lines)


@pytest.mark.parametrize("number", range(CONVERSATIONS))
def test_the_same_bytes_get_the_same_answers(number: int) -> None:
    seed = f"conversation {number}"
    conversation = Conversation(seed, FIRST_NONCE)
    hosts = {kind: RawHost(kind, answer=answer_callback, seed=seed) for kind in KINDS}
    for host in hosts.values():
        host.hello(FIRST_NONCE)
        host.run()
    for exchange in range(EXCHANGES // CONVERSATIONS):
        steps = conversation.exchange()
        for host in hosts.values():
            for step in steps:
                step(host)
            host.run()
            host.now += 0.02
        found = difference({kind: host.transcript() for kind, host in hosts.items()})
        assert not found, f"{seed}, exchange {exchange}:\n{found}"
