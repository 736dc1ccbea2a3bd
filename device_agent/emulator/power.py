"""Keeping an emulated handset going when its agent or the whole of it is started anew, or a program in it ends."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Protocol

from device_agent.emulator.agent import Agent
from device_agent.emulator.faulty_port import FaultyPort
from device_agent.emulator.owners.registrations import SLOTS
from device_agent.emulator.owners.relayed import SlotProcess
from device_agent.emulator.phone import Phone
from device_agent.emulator.ports import Port
from wire.fault_plan import Event, EventKind
from wire.symbian import SecureId

BOOT_S: Final = 2.0
"""How long nothing answers while the phone boots, unless the plan says how long."""


class PowerOff(BaseException):
    """The phone is switched off: it ends whatever is going on in it, and nothing in it may handle that."""


class MakeAgent(Protocol):
    """Makes an agent on a phone that is there already, or else with a new one."""

    def __call__(self, port: Port, phone: Phone | None) -> Agent:
        """Each agent is a new start of the program: it has a boot id of its own."""


class Power:
    """Runs agents on a port, one after the other, with what is left of the phone in between."""

    def __init__(self, port: Port, make_agent: MakeAgent) -> None:
        self._port = port
        self._make_agent = make_agent
        self.agent = make_agent(port, None)
        if isinstance(port, FaultyPort):
            port.on_event = self._happen

    @property
    def phone(self) -> Phone:
        """The phone as it is now."""
        return self.agent.phone

    def run(self) -> None:
        """Serve until `stop`, or until whoever started us is gone."""
        while True:
            try:
                self.agent.run()
            except PowerOff:
                self.phone.remember("the phone boots")
                self.agent = self._make_agent(self._port, self.phone.rebooted())
                continue
            if not (isinstance(self._port, FaultyPort) and self._port.is_dead) or self._port.parent_gone:
                return
            self._port.is_dead = False
            self._restart_agent()

    def stop(self) -> None:
        """Let `run` come to its end."""
        if isinstance(self._port, FaultyPort):
            self._port.is_dead = False
        self.agent.stopping = True

    def _restart_agent(self) -> None:
        phone = self.phone
        phone.remember("the agent is started anew")
        for sid in SLOTS:
            process = phone.processes.running(sid)
            if isinstance(process, SlotProcess):
                # They are programs of the agent and end with it.
                process.disconnect()
                process.end()
        phone.scheduler.run_ready()
        self.agent = self._make_agent(self._port, phone)

    # -------------------------------------------------------------------------------- what may happen

    def _happen(self, event: Event) -> None:
        phone = self.phone
        assert isinstance(self._port, FaultyPort)
        if event.kind is EventKind.REBOOT:
            self._port.go_dark(event.value or BOOT_S)
            raise PowerOff
        if event.kind is EventKind.RESTART:
            # The engine is another process: its call goes on without us, so everything is let come to its end.
            self._port.is_dead = True
            self.agent.stopping = True
        elif event.kind is EventKind.ENGINE:
            phone.end_engine()
        elif event.kind is EventKind.KILL:
            phone.scheduler.post(_killing(phone, SecureId(int(event.value))))


def _killing(phone: Phone, sid: SecureId) -> Callable[[], None]:
    def kill() -> None:
        process = phone.processes.running(sid)
        if process is not None:
            phone.remember(f"{process.name} was killed")
            process.end()

    return kill
