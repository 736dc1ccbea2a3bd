"""What the agent does for the host, by area. A handler gets a request's body and gives a Reply, or leaves.

phone.py     the phone itself, and its properties
engine.py    the backup engine, through one CSBEClient
files.py     files under the agent's reach
slots.py     owner slots
emulator.py  what only an emulated handset can do
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from device_agent.emulator.operations.emulator import EmulatorOperations
from device_agent.emulator.operations.engine import EngineOperations
from device_agent.emulator.operations.files import FileOperations
from device_agent.emulator.operations.phone import PhoneOperations
from device_agent.emulator.operations.reply import Handler, Reply, Unserved
from device_agent.emulator.operations.slots import SlotOperations
from wire.protocol.messages.method import AgentFault, Method

if TYPE_CHECKING:
    from device_agent.emulator.agent import Agent


class HostOperations:
    """Everything one host session can ask for, and what it holds: subscriptions, the engine's client."""

    def __init__(self, agent: Agent) -> None:
        self._phone = PhoneOperations(agent)
        self._engine = EngineOperations(agent)
        self._handlers: dict[int, Handler] = (
            self._phone.handlers()
            | self._engine.handlers()
            | FileOperations(agent).handlers()
            | SlotOperations(agent).handlers()
            | EmulatorOperations(agent).handlers()
        )

    def serve(self, method: Method[Any, Any], body: Any, upload: bytes) -> Reply:
        """Do it. Raises Leave with the phone's code, Unserved for what the agent cannot do."""
        handler = self._handlers.get(method.number)
        if handler is None:
            raise Unserved(AgentFault.NOT_OFFERED, f"this agent does not serve {method.name}")
        return handler(body, upload)

    def return_to_normal(self) -> None:
        """The host has been silent for too long: a mode that it has left the phone in is ended."""
        self._engine.return_to_normal()

    def end(self) -> None:
        """The host is gone: its subscriptions end, and its client of the engine is closed."""
        self._phone.end()
        self._engine.end()
