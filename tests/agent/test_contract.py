"""Both agents, each in an emulated handset of its own process, hold to `harness.testing`'s agent contract."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from harness.emulated import EmulatedHandset
from harness.testing import AgentContract
from harness.testing.agent_contract import OpenLine
from tests.agent.built import core_library


@pytest.fixture(scope="module", params=["python-pty", "python-tcp", "core-pty", "core-tcp"])
def emulated(request: pytest.FixtureRequest) -> Iterator[EmulatedHandset]:
    agent, line = request.param.split("-")
    if agent == "core":
        core_library()
    with EmulatedHandset(agent=agent, tcp=line == "tcp") as handset:
        yield handset


class TestAgents(AgentContract):
    @pytest.fixture
    def open_line(self, emulated: EmulatedHandset) -> OpenLine:
        return emulated.open
