"""The owners that the emulator brings with it, by name, and the programs that any owner can run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from device_agent.emulator.owners import registrations as reg
from device_agent.emulator.owners.central_repository import CentralRepository
from device_agent.emulator.owners.reference_client import ReferenceClient
from device_agent.emulator.owners.tutorial import TutorialOwner
from wire.symbian import CENTRAL_REPOSITORY_SID, SecureId

if TYPE_CHECKING:
    from device_agent.emulator.processes import Program


PROGRAMS: Final[dict[str, Program]] = {
    "reference-client": ReferenceClient,
    "tutorial": TutorialOwner,
    "central-repository": CentralRepository,
}


class OnBoard(NamedTuple):
    """An owner on board: its registration is in registrations.py.

    Attributes:
        executable: what its registration calls its process; empty for one that has none.
        program: what runs in it, by name.
    """

    sid: SecureId
    executable: str = ""
    program: str = ""
    starts_at_boot: bool = False


ON_BOARD: Final[dict[str, OnBoard]] = {
    "abtestclient": OnBoard(reg.CLIENT_1, "abtestclient.exe", "reference-client"),
    "abtestclient2": OnBoard(reg.CLIENT_2, "abtestclient2.exe", "reference-client"),
    "abtestclient3": OnBoard(reg.CLIENT_3, "abtestclient3.exe", "reference-client"),
    "abtestclient4": OnBoard(reg.CLIENT_4, "abtestclient4.exe", "reference-client"),
    "central-repository": OnBoard(
        CENTRAL_REPOSITORY_SID, "centralrepositorysrv.exe", "central-repository", starts_at_boot=True
    ),
    "complicated": OnBoard(reg.COMPLICATED),
    "passive": OnBoard(reg.PASSIVE),
    "proxied": OnBoard(reg.PROXIED),
    "public-files": OnBoard(reg.PUBLIC_FILES),
    "tutorial": OnBoard(reg.TUTORIAL, "referencetestdataowner.exe", "tutorial"),
}
