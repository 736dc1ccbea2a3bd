"""The keys of a handset profile, as a checked model. docs/emulator.md shows their descriptions as a table."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any, Final, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PlainValidator, model_validator

from device_agent.emulator.engine.versions import VERSIONS
from device_agent.emulator.filesystem import split_path
from device_agent.emulator.owners.misbehaving import WAYS, Misbehaviour
from device_agent.emulator.owners.on_board import ON_BOARD, PROGRAMS
from device_agent.emulator.profile import AGENT_CAPABILITIES
from wire.config.check import nearest_of
from wire.protocol.messages import engine as engine_messages
from wire.protocol.messages.method import Method
from wire.symbian import AbCallback, Drive, SecureId
from wire.symbian_errors import Leave

# fmt: off
CAPABILITIES: Final = (
    "AllFiles", "CommDD", "DRM", "DiskAdmin", "LocalServices", "Location", "MultimediaDD", "NetworkControl",
    "NetworkServices", "PowerMgmt", "ProtServ", "ReadDeviceData", "ReadUserData", "SurroundingsDD", "SwEvent",
    "TCB", "TrustedUI", "UserEnvironment", "WriteDeviceData", "WriteUserData",
)
# fmt: on
HOST_CALLS: Final = sorted(m.name for m in vars(engine_messages).values() if isinstance(m, Method))


def _known(words: Iterable[str]) -> AfterValidator:
    """A text that has to be one of some words."""
    there = sorted(words)

    def look_up(value: str) -> str:
        if value not in there:
            raise ValueError(
                f"{value!r} is not known here{nearest_of(value, there)}; known are {', '.join(there)}"
            )
        return value

    return AfterValidator(look_up)


def _to_sid(value: Any) -> SecureId:
    return SecureId.parse(value if isinstance(value, str) else repr(value))


def _to_drive(value: Any) -> Drive:
    return Drive.parse(value if isinstance(value, str) else repr(value))


def _full_path(value: str) -> str:
    try:
        _, names = split_path(value)
    except Leave:
        names = ()
    if not names or value.endswith("\\"):
        raise ValueError(rf"a file has a full path such as C:\data\notes.txt, unlike {value!r}")
    return value


def _to_fill(value: Any) -> int:
    """A byte: a number, or one character of ASCII."""
    text = str(value)
    try:
        number = int(text, 0) if len(text) > 1 else ord(text)
    except (ValueError, TypeError):
        number = -1
    if not 0 <= number <= 255:
        raise ValueError(f"a byte is one character or a number from 0 to 0xFF, not {text!r}")
    return number


def _to_bytes(value: Any) -> bytes:
    try:
        return bytes.fromhex(str(value))
    except ValueError:
        raise ValueError("pairs of hexadecimal digits are expected here, as in 4A 75 6C") from None


def _to_number(value: Any) -> int:
    try:
        return int(str(value), 0)
    except ValueError:
        raise ValueError(f"a whole number is expected here, as in 17 or 0x11, not {value!r}") from None


Sid = Annotated[SecureId, PlainValidator(_to_sid)]
DriveLetter = Annotated[Drive, PlainValidator(_to_drive)]
FullPath = Annotated[str, AfterValidator(_full_path)]
DriveKind = Literal["writable", "read-only"]
Number = Annotated[int, PlainValidator(_to_number)]


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class EngineKeys(_Model):
    """The backup engine."""

    version: Annotated[str, _known(VERSIONS)] = Field(
        default="symbian3-2010.06", description="Which version of the engine; see the table of versions."
    )
    build: Literal["release", "debug"] = Field(
        default="release", description="A release build has a watchdog over callbacks, a debug build has none."
    )
    log: bool | None = Field(
        default=None,
        description="Whether it writes `securebackup.txt`. Left out: debug builds of versions that can do so.",
    )


class FileKeys(_Model):
    """A file. Its content is one of `text`, `hex` and `size`."""

    text: str | None = Field(default=None, description="Content as text; it becomes UTF-8.")
    hex: Annotated[bytes, PlainValidator(_to_bytes)] | None = Field(
        default=None, description="Content as hexadecimal digits."
    )
    size: Annotated[int, Field(ge=0, le=64 << 20)] | None = Field(
        default=None, description="Content by its size in bytes."
    )
    fill: Annotated[int, PlainValidator(_to_fill)] | None = Field(
        default=None, description="What `size` bytes are: a character, or a number. Left out: 0."
    )
    repeat: int | None = Field(
        default=None, ge=1, le=1 << 20, description="How often `text` or `hex` is there. Left out: once."
    )
    read_only: bool = Field(default=False, description="Whether it has the read-only attribute.")
    locked: bool = Field(
        default=False, description="Whether somebody holds it open: -14 for whoever wants to read."
    )

    @model_validator(mode="after")
    def _one_content(self) -> Self:
        given = [name for name in ("text", "hex", "size") if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError(f"a file has one of text, hex and size, not {' and '.join(given) or 'none'}")
        if self.fill is not None and self.size is None:
            raise ValueError("fill goes with size")
        if self.repeat is not None and self.size is not None:
            raise ValueError("repeat goes with text and hex")
        return self

    @property
    def content(self) -> bytes:
        """All its bytes."""
        if self.size is not None:
            return bytes([self.fill or 0]) * self.size
        once = self.hex if self.hex is not None else (self.text or "").encode()
        return once * (self.repeat or 1)


class RegistrationKeys(_Model):
    """A registration file: one of three."""

    on_board: Annotated[str, _known(ON_BOARD)] | None = Field(
        default=None, description="The registration of an owner on board, by its name."
    )
    xml: str | None = Field(default=None, description="The file's text; it becomes UTF-8.")
    file: str | None = Field(default=None, description="A file, relative to the profile.")

    @model_validator(mode="after")
    def _one(self) -> Self:
        given = [name for name in ("on_board", "xml", "file") if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError(
                f"a registration is one of on_board, xml and file, not {' and '.join(given) or 'none'}"
            )
        return self


class MisbehaviourKeys(_Model):
    """What an owner does wrong."""

    how: Annotated[str, _known(WAYS)] = Field(description="The way in which it misbehaves; see the table of ways.")
    callback: Annotated[str, _known(AbCallback.__members__)] | None = Field(
        default=None,
        alias="in",
        description="The callback, by its name in `MActiveBackupDataClient`, for ways that are in one.",
    )
    code: Number = Field(default=-2, description="The error, where the way has one.")

    @property
    def value(self) -> Misbehaviour:
        """For the emulator."""
        return Misbehaviour(self.how, AbCallback[self.callback] if self.callback else None, self.code)

    @model_validator(mode="after")
    def _is_possible(self) -> Self:
        problem = self.value.problem()
        if problem:
            raise ValueError(problem)
        return self


class OwnerKeys(_Model):
    """A data owner. What `on_board` brings with it can be replaced key by key."""

    on_board: Annotated[str, _known(ON_BOARD)] | None = Field(
        default=None, description="An owner that the emulator brings with it, by its name."
    )
    sid: Sid | None = Field(default=None, description="Its secure ID; wanted without `on_board`.")
    registration: RegistrationKeys | None = Field(
        default=None, description="Its `backup_registration.xml`. Left out: that of `on_board`, or none."
    )
    registered_on: DriveLetter = Field(
        default=Drive.parse("Z"), description="The drive that the registration file is on."
    )
    executable: str | None = Field(default=None, description="The name of its program, as in `myowner.exe`.")
    program: Annotated[str, _known((*PROGRAMS, "none"))] | None = Field(
        default=None, description="What runs in it; `none` for an executable that is missing."
    )
    starts_at_boot: bool | None = Field(default=None, description="Whether it runs from the beginning.")
    misbehaviour: MisbehaviourKeys | None = Field(default=None, description="What it does wrong.")

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.on_board is None and self.sid is None:
            raise ValueError("an owner has on_board or sid")
        executable = self.executable or (ON_BOARD[self.on_board].executable if self.on_board else "")
        if self.program not in {None, "none"} and not executable:
            raise ValueError("a program has an executable")
        return self


class PackageKeys(_Model):
    """A package whose installation file is on the phone."""

    uid: Sid = Field(description="Its UID.")
    name: str = Field(min_length=1, max_length=128, description="Its name.")
    vendor: str = Field(default="", description="Its vendor.")
    version: str = Field(default="1.0.0", description="Its version.")
    sids: tuple[Sid, ...] = Field(default=(), description="The secure IDs of its executables.")
    removable: bool = Field(default=True, description="Whether it can be removed, unlike one in the ROM.")
    installed: bool = Field(default=False, description="Whether it is installed from the beginning.")
    files: dict[FullPath, FileKeys] = Field(default_factory=dict, description="What it installs, by full paths.")


class FaultKeys(_Model):
    """What is wrong with the handset."""

    engine_does_not_start: bool = Field(default=False, description="Whoever connects gets -1.")
    engine_panics_in: Annotated[str, _known(HOST_CALLS)] | None = Field(
        default=None, description="A call of the host in which the engine panics, as in `request data`."
    )
    installation_in_progress: bool = Field(
        default=False, description="Software is being installed: no mode can be entered (-14)."
    )
    property_undefined: bool = Field(
        default=False, description="Nobody has defined the backup and restore property before the engine does."
    )
    property_writer: Sid | None = Field(
        default=None, description="Who alone may write the property, instead of the engine, which gets -46."
    )
    free_memory: Number = Field(default=1 << 24, description="Bytes that are left for the engine's heap.")


class ProfileKeys(_Model):
    """A handset profile."""

    based_on: str | None = Field(
        default=None, description="Another profile; a key that is written here replaces the whole of the other's."
    )
    model: str = Field(default="Emulated S60 handset", description="The phone's model.")
    firmware: str | None = Field(default=None, description="Its firmware. Left out: the engine's version.")
    imei: str = Field(default="004401012345678", pattern=r"^\d{15}$", description="15 digits.")
    engine: EngineKeys = Field(default=EngineKeys(), description="The backup engine.")
    drives: dict[DriveLetter, DriveKind] = Field(
        default={Drive.parse("C"): "writable", Drive.parse("Z"): "read-only"},
        description="The drives. C has to be there and writable.",
    )
    capabilities: tuple[Annotated[str, _known(CAPABILITIES)], ...] = Field(
        default=tuple(sorted(AGENT_CAPABILITIES)),
        description="The agent's; without ReadDeviceData or WriteDeviceData the engine refuses it (-46).",
    )
    owners: tuple[OwnerKeys, ...] = Field(default=(), description="The data owners.")
    files: dict[FullPath, FileKeys] = Field(default_factory=dict, description="Files, by full paths.")
    packages: tuple[PackageKeys, ...] = Field(default=(), description="Packages that are or can be installed.")
    faults: FaultKeys = Field(default=FaultKeys(), description="What is wrong with the handset.")

    @model_validator(mode="after")
    def _has_c(self) -> Self:
        if self.drives.get(Drive.parse("C")) != "writable":
            raise ValueError("a handset has a writable drive C: the log server and the engine expect it")
        return self
