"""sbeconfig.xml, the engine's configuration in its private directory, and versions of the engine (BE 4.2, 20)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from wire.symbian import CENTRAL_REPOSITORY_SID, ENGINE_SID, Drive, SecureId
from wire.symbian_errors import KErrCorrupt, KErrNotFound, Leave

if TYPE_CHECKING:
    from device_agent.emulator.filesystem import FileSystem

ROM: Final = Drive.parse("Z")
CONFIG_PATH: Final = f"{ENGINE_SID.private_directory}sbeconfig.xml"
MIN_HEAP: Final = 131072


@dataclass(frozen=True)
class EngineConfig:
    """What sbeconfig.xml can change, with the engine's defaults."""

    heap_size: int = 2097152
    reduction_factor: int = 2
    max_retries: int = 5
    central_repository_sid: SecureId = CENTRAL_REPOSITORY_SID
    excluded_drives: frozenset[Drive] = field(default_factory=lambda: frozenset({ROM}))
    app_close_delay_us: int = 0


@dataclass(frozen=True)
class EngineVersion:
    """What differs between public versions of the engine (BE 20, error-codes 4).

    Attributes:
        has_callback_delay: the registration attribute `callback_delay_time` is known.
        replaces_read_only: a restore replaces read-only files instead of failing with -21.
        lists_fixed_packages: what belongs to a package that cannot be removed stays in the owner list.
        panic_category: of the engine's own panics; that of panics inside Symbian's classes is USER.
        writes_log: it was built with the file logger; later ones write binary traces instead.
    """

    has_callback_delay: bool = True
    replaces_read_only: bool = True
    lists_fixed_packages: bool = True
    panic_category: str = "SBE:"
    writes_log: bool = True


def read_config(files: FileSystem, log: Callable[[str], None]) -> EngineConfig:
    """The configuration found in the engine's private directory on any drive; any error means all defaults."""
    code = KErrNotFound
    for drive in files.drives:
        path = f"{drive.letter}:{CONFIG_PATH}"
        if files.exists(path):
            try:
                config = parse_config(files.read(path))
            except ValueError:
                code = KErrCorrupt
            except Leave as leave:
                code = leave.code
            else:
                log("sbeconfig.xml parsed sucessfully")
                return config
            break
    log(f"Error trying to parse sbeconfig.xml : {code}")
    log("Using Default Settings !")
    return EngineConfig()


def parse_config(data: bytes) -> EngineConfig:
    """Read sbeconfig.xml; leaves with -20 where the engine calls it corrupt.

    Attribute names are recognised on any of the known elements; numbers are decimal.
    """
    # Only here, for a handset has this file where a test puts it only.
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError:
        raise Leave(KErrCorrupt) from None
    if root.tag != "sbe_config":
        raise Leave(KErrCorrupt)
    values: dict[str, str] = {}
    for element in root.iterchildren(tag=etree.Element):
        if element.tag in {"heap", "central_repository", "exclude_drives", "app_close_delay"}:
            values.update({str(name): str(value) for name, value in element.attrib.items()})
    heap_size = int(values.get("size", EngineConfig.heap_size))
    numbers = {name: int(values.get(name, 0)) for name in ("reduction_factor", "max_retries", "delay")}
    if heap_size < MIN_HEAP or any(number < 0 for number in numbers.values()):
        raise Leave(KErrCorrupt)
    return EngineConfig(
        heap_size=heap_size,
        reduction_factor=int(values.get("reduction_factor", EngineConfig.reduction_factor)),
        max_retries=int(values.get("max_retries", EngineConfig.max_retries)),
        central_repository_sid=_central_repository(values),
        excluded_drives=_excluded(values),
        app_close_delay_us=numbers["delay"],
    )


def _central_repository(values: dict[str, str]) -> SecureId:
    uid = values.get("uid")
    return CENTRAL_REPOSITORY_SID if uid is None else SecureId(int(uid[-8:], 16))


def _excluded(values: dict[str, str]) -> frozenset[Drive]:
    """The list replaces the default, so one without z brings the ROM in (Q5)."""
    if "list" not in values:
        return frozenset({ROM})
    return frozenset(Drive.parse(letter) for letter in values["list"] if letter.isalpha())


def allocate_heap(config: EngineConfig, available: int) -> int:
    """The size of the shared heap that could be had (BE 4.2, Q6).

    The two integers are swapped between the configuration and its user: reduction_factor is the number of
    attempts, max_retries what the size is divided by after each that failed.
    """
    size = config.heap_size
    for _ in range(max(1, config.reduction_factor)):
        if size <= available:
            return size
        size //= max(1, config.max_retries)
    return 0
