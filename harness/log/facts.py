"""What a log tells about one backup or restore: the facts, without the lines they were read from.

`harness.log.runs` finds them out. Numbers that the engine gave without a name of ours stay plain numbers.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from datetime import datetime

    from harness.log.steps import Step
    from wire.formats.log_level import LogLevel
    from wire.symbian import AbCallback, BurMode, Drive, SecureId


MAX_FINDINGS: Final = 1000
MAX_KEPT: Final = 100_000
"""Items of all other kinds that are kept of one run."""


class RunEnd(Enum):
    """How a run ended; the value is shown. Log format 12."""

    NORMAL = "went back to normal"
    ABORTED = "the host was lost, and the engine went back by itself"
    RESTARTED = "the engine began anew in the middle of it"
    LOG_ENDS = "the log ends before it does"


class Calls(NamedTuple):
    """A callback, and how many times it was made in a row."""

    callback: AbCallback
    times: int


class FileSent(NamedTuple):
    """A file of a passive data owner that went into the data, and its size in bytes."""

    path: str
    size: int


@dataclass(slots=True)
class OwnerFacts:
    """One data owner in one run.

    Attributes:
        sid: whose.
        active: whether it takes part with a process of its own; None if the log does not say.
        passive: whether files of it are copied; None likewise.
        system: whether its installed files are copied; None likewise.
        incremental: whether it supports incremental backup.
        proxies: how many other owners it has data backed up by.
        process: the executable that has connected as this owner.
        process_started: whether the engine started it.
        statuses: its ready states (TDataOwnerStatus), each change once, in their order.
        expected_size: the size in bytes that the engine was told.
        calls_made: callbacks as the engine made them.
        calls_logged: callbacks as the owner itself logged them, which it need not do.
        files_met: files found while its directories were walked.
        files_sent: files that were read into its data.
    """

    sid: SecureId
    active: bool | None = None
    passive: bool | None = None
    system: bool | None = None
    incremental: bool = False
    proxies: int = 0
    process: str = ""
    process_started: bool = False
    statuses: list[int] = field(default_factory=list)
    expected_size: int | None = None
    calls_made: list[Calls] = field(default_factory=list)
    calls_logged: list[Calls] = field(default_factory=list)
    files_met: dict[str, None] = field(default_factory=dict)
    files_sent: list[FileSent] = field(default_factory=list)

    @property
    def calls(self) -> list[Calls]:
        """The callbacks of this owner, by the engine's lines where there are any."""
        return self.calls_made or self.calls_logged


@dataclass(slots=True)
class DataPart:
    """One piece of one owner's data on its way between host and phone.

    Attributes:
        supplied: True for data that the host gave to the phone.
        sid: whose.
        drive: which drive's; None if the log does not say, and so for the rest.
        kind: TTransferDataType, as a number.
        plain: its size in bytes as the owner sees it.
        packed: its size in bytes on the way to the host or from it, compressed and with headers.
    """

    supplied: bool
    sid: SecureId | None = None
    drive: Drive | None = None
    kind: int | None = None
    plain: int | None = None
    packed: int | None = None


@dataclass(slots=True)
class HostRequest:
    """One request of the host to the engine.

    Attributes:
        name: such as `SetBURMode` or `RequestData`.
        thread: the client thread, as in `burhost.exe[e0f1a00f]0001::Main`; it can be cut.
        number: the record that opened it.
        when: local time of the phone.
        completed: False if it failed or was never answered; the log does not say with which code.
    """

    name: str
    thread: str
    number: int
    when: datetime | None
    completed: bool = False


class Finding(NamedTuple):
    """Something wrong, or worth a look.

    Attributes:
        level: how bad.
        sid: the data owner concerned.
        code: the Symbian error number.
        text: the line, or what is wrong with several of them.
        number: the record to look at.
        when: local time of the phone.
    """

    level: LogLevel
    sid: SecureId | None
    code: int | None
    text: str
    number: int
    when: datetime | None


@dataclass(slots=True)
class RunFacts:
    """One backup or restore, with the listing of data owners before it.

    Attributes:
        mode: what the host asked for; None if owners were only listed.
        begun: when the mode was asked for, in local time of the phone.
        ended: when normal was asked for.
        end: how it ended.
        engine_stopped: when the engine left, about two seconds after the last host has gone.
        requests: the host's requests in their order.
        owners: by SID, in the order in which the log names them.
        parts: the data in its order.
        findings: errors and warnings, at most MAX_FINDINGS.
        steps: what happened, in its order.
        left_out: how many findings, and other items beyond MAX_KEPT, there were for which there was no room.
    """

    mode: BurMode | None = None
    begun: datetime | None = None
    ended: datetime | None = None
    end: RunEnd | None = None
    engine_stopped: datetime | None = None
    requests: list[HostRequest] = field(default_factory=list)
    owners: dict[SecureId, OwnerFacts] = field(default_factory=dict)
    parts: list[DataPart] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    left_out: int = 0
    _kept: int = 0

    def has_room(self) -> bool:
        """Whether one more item may be kept; it is counted as kept or as left out.

        A log can be of any size, and what is held of it cannot.
        """
        if self._kept < MAX_KEPT:
            self._kept += 1
            return True
        self.left_out += 1
        return False

    def find(self, finding: Finding) -> None:
        """Keep a finding. Findings have room of their own, so that a long run cannot hide its end."""
        if len(self.findings) < MAX_FINDINGS:
            self.findings.append(finding)
        else:
            self.left_out += 1

    @property
    def is_empty(self) -> bool:
        """Whether nothing has happened at all."""
        return not (self.mode or self.requests or self.owners or self.findings or self.steps)
