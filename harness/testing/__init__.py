"""For people who write a transport or an agent of their own: what one has to hold to, as tests.

    from harness.testing import Line, TransportContract

    class TestMyTransport(TransportContract):
        @pytest.fixture
        def line(self) -> Iterator[Line]:
            ...

The transports and agents that come with symhil pass the same suites.
"""

from __future__ import annotations

import pytest

# Before the modules are imported, so that their failed assertions show values.
pytest.register_assert_rewrite("harness.testing.transport_contract", "harness.testing.agent_contract")

from harness.testing.agent_contract import AgentContract  # noqa: E402
from harness.testing.memory import MemoryTransport, memory_pair  # noqa: E402
from harness.testing.transport_contract import Line, TransportContract  # noqa: E402

__all__ = ["AgentContract", "Line", "MemoryTransport", "TransportContract", "memory_pair"]
