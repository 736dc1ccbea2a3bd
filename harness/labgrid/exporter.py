"""`python -m harness.labgrid.exporter`: labgrid's exporter, which knows SymbianHandset. Its options are labgrid's.

What others see is a NetworkSerialPort with raw bytes, at the phone's bridge, and beside it who the phone is.
Never ser2net and RFC 2217: two clients of one port would both get the phone's answers.
"""

from __future__ import annotations

import ctypes
import signal
from typing import Any, Final

import attr
from labgrid.remote import exporter

from harness.labgrid.resources import SHOWN, SymbianHandset


@attr.s(eq=False)
class SymbianHandsetExport(exporter.ResourceExport):  # type: ignore[misc]
    """A handset that is exported. Its bridge runs all the time, so that a lost coordinator cuts nobody off."""

    def __attrs_post_init__(self) -> None:
        super().__attrs_post_init__()
        local: Any = SymbianHandset  # whose other fields only labgrid knows
        self.local = local(target=None, name=None, **self.local_params)
        host, _, port = self.local.bridge.rpartition(":")
        if not host or not port.isdigit():
            raise exporter.ExporterError(f"bridge: HOST:PORT was expected, not {self.local.bridge!r}")
        self.host, self._port = host, int(port)
        self.data["cls"] = "NetworkSerialPort"

    def _get_params(self) -> dict[str, Any]:
        extra = {name: getattr(self.local, name) for name in SHOWN}
        return {
            "host": self.host,
            "port": self._port,
            "speed": self.local.speed,
            "protocol": "raw",
            "extra": {"kind": "symbian", "allow_restore": self.local.allow_restore, **extra},
        }


exporter.exports["SymbianHandset"] = SymbianHandsetExport

_PR_SET_PDEATHSIG: Final = 1  # prctl(2)

if __name__ == "__main__":
    # Who started the bridges started us: without him there is nothing to export.
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    exporter.main()
