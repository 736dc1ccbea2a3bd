"""What only an emulated handset can do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from device_agent.emulator.operations.reply import Handler, Reply, Unserved
from device_agent.emulator.profile import ProfileError
from device_agent.emulator.profiles import find_profile
from device_agent.emulator.properties import Caller
from wire.layout import EMPTY
from wire.protocol.messages import emulator as m
from wire.protocol.messages.method import AgentFault
from wire.protocol.messages.phone import PropertyAssignment
from wire.symbian import ENGINE_SID
from wire.symbian_errors import KErrNotFound, Leave

if TYPE_CHECKING:
    from device_agent.emulator.agent import Agent


class EmulatorOperations:
    """Time, resets, and things that happen to other programs."""

    def __init__(self, agent: Agent) -> None:
        self._agent = agent

    def handlers(self) -> dict[int, Handler]:
        """By the method's number."""
        return {
            m.EMULATOR_ADVANCE_CLOCK.number: self._advance_clock,
            m.EMULATOR_RESET.number: self._reset,
            m.EMULATOR_KILL_PROCESS.number: self._kill_process,
            m.EMULATOR_SET_PROPERTY.number: self._set_property,
            m.EMULATOR_INSTALL_PACKAGE.number: self._install_package,
            m.EMULATOR_REMOVE_PACKAGE.number: self._remove_package,
        }

    def _advance_clock(self, body: m.Duration, upload: bytes) -> Reply:
        self._agent.phone.clock.skip(body.milliseconds / 1000)
        self._agent.phone.scheduler.run_ready()
        return Reply(EMPTY)

    def _reset(self, body: m.ProfileChoice, upload: bytes) -> Reply:
        try:
            profile = find_profile(body.profile) if body.profile else self._agent.phone.profile
        except ProfileError as error:
            raise Unserved(AgentFault.BAD_BODY, str(error)) from error
        self._agent.reset_phone(profile)
        return Reply(EMPTY)

    def _kill_process(self, body: m.ProcessOrder, upload: bytes) -> Reply:
        process = self._agent.phone.processes.running(body.sid)
        if process is None:
            raise Leave(KErrNotFound)
        process.end()
        return Reply(EMPTY)

    def _install_package(self, body: m.PackageOrder, upload: bytes) -> Reply:
        self._agent.phone.installer.install(body.uid)
        return Reply(EMPTY)

    def _remove_package(self, body: m.PackageOrder, upload: bytes) -> Reply:
        self._agent.phone.installer.remove(body.uid)
        return Reply(EMPTY)

    def _set_property(self, body: PropertyAssignment, upload: bytes) -> Reply:
        """Set any property as its rightful writer would, defining it where it is not."""
        properties = self._agent.phone.properties
        caller = Caller(ENGINE_SID, frozenset({"WriteDeviceData"}))
        try:
            properties.define(body.category, body.key, caller)
        except Leave:
            pass  # it is defined already
        properties.set(body.category, body.key, body.value, caller)
        return Reply(EMPTY)
