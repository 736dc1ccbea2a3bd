"""SymbianHandset: a handset as a resource of labgrid."""

from __future__ import annotations

import attr
from labgrid.factory import target_factory
from labgrid.resource.base import SerialPort
from labgrid.resource.common import Resource

SHOWN = ("model", "platform", "firmware", "identity", "tags")
"""What a client of the coordinator sees of a handset, besides where it is."""


@target_factory.reg_resource
@attr.s(eq=False)
class SymbianHandset(SerialPort, Resource):  # type: ignore[misc]
    """A handset of this machine. Whatever binds to a SerialPort can use it.

    An exporter offers it to others as a NetworkSerialPort, so that labgrid's own tools can use it without this
    module; then `bridge` says where its bridge listens.

    Args:
        port: its serial port.
        model, platform, firmware: as in lab_config.yaml.
        identity: the hash of its IMEI.
        tags: words, with spaces between them.
        allow_restore: it may be written to.
        bridge: HOST:PORT.
    """

    model: str = attr.ib(default="", converter=str)
    platform: str = attr.ib(default="", converter=str)
    firmware: str = attr.ib(default="", converter=str)
    identity: str = attr.ib(default="", converter=str)
    tags: str = attr.ib(default="", converter=str)
    allow_restore: bool = attr.ib(default=False, validator=attr.validators.instance_of(bool))
    bridge: str = attr.ib(default="", converter=str)
