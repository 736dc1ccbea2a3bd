"""SymbianAgentDriver: a Handset in labgrid's own environments, which have `imports: [harness.labgrid.drivers]`."""

from __future__ import annotations

import contextlib
import re
from typing import Any

import attr
from labgrid.driver.common import Driver
from labgrid.exceptions import NoResourceFoundError
from labgrid.factory import target_factory
from labgrid.resource.base import SerialPort
from labgrid.util.proxy import proxymanager

from harness.errors import ConfigError, Misuse
from harness.handset import Handset
from harness.lab.config import HandsetEntry, SerialLink, TcpLink
from harness.lab.open import open_handset
from harness.labgrid import resources

__all__ = ["SymbianAgentDriver", "resources"]


@target_factory.reg_driver
@attr.s(eq=False)
class SymbianAgentDriver(Driver):  # type: ignore[misc]
    """The agent of a phone behind a serial port, here or on another machine.

    Life cycle: create, bind to a port, activate (a session with the phone begins), use `handset`, deactivate.

    Args:
        allow_restore: the phone may be written to, as far as the machine that it hangs on allows it.
    """

    bindings = {"port": {"SerialPort", "NetworkSerialPort"}}  # noqa: RUF012 - labgrid wants a plain dict

    allow_restore: bool = attr.ib(default=False, validator=attr.validators.instance_of(bool))

    def __attrs_post_init__(self) -> None:
        super().__attrs_post_init__()
        self._session = contextlib.ExitStack()
        self._handset: Handset | None = None

    def on_activate(self) -> None:
        """Begin the session; LabUnavailable says why there can be none."""
        self._handset = self._session.enter_context(open_handset(self.entry(), purpose="labgrid"))

    def on_deactivate(self) -> None:
        """End it."""
        self._handset = None
        self._session.close()

    @property
    def handset(self) -> Handset:
        """The phone: the same object that symhil's own fixtures give."""
        if self._handset is None:
            raise Misuse(
                "SymbianAgentDriver has a handset while it is active",
                hint="`target.activate(driver)`, or `target.get_driver(...)`, which activates it",
            )
        return self._handset

    def entry(self) -> HandsetEntry:
        """The phone as symhil's own configuration would describe it."""
        port: Any = self.port
        extra: dict[str, Any] = getattr(port, "extra", None) or {}
        if isinstance(port, SerialPort):
            link: SerialLink | TcpLink = SerialLink(kind="serial", port=port.port, baud=port.speed)
            told: dict[str, Any] = {
                name: getattr(port, name, "") for name in ("model", "firmware", "platform", "identity")
            }
            allowed = getattr(port, "allow_restore", True)
        else:
            if port.protocol != "raw":
                raise ConfigError(
                    f"the port of {self.target.name} has the protocol {port.protocol}, where raw is wanted: with "
                    "ser2net two clients would share a phone and neither would know",
                    hint="export the phone with `symhil lab export`, or as a NetworkSerialPort with protocol: raw",
                )
            host, number = proxymanager.get_host_and_port(port)
            link = TcpLink(kind="tcp", host=host, port=number)
            told = {name: extra.get(name) or "" for name in ("model", "firmware", "platform", "identity")}
            allowed = extra.get("allow_restore", True)
        name = re.sub(r"[^\w.-]+", "-", self._place_name())
        return HandsetEntry(name=name, links=(link,), allow_restore=self.allow_restore and allowed, **told)

    def _place_name(self) -> str:
        """The place's, where there is one: targets are called `main` as a rule."""
        try:
            return str(self.target.get_resource("RemotePlace", wait_avail=False).name)
        except NoResourceFoundError:
            return str(self.target.name)
