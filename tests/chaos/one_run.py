"""One whole backup and restore under a plan, with the real harness, a real agent and the emulated phone.

As a careful person would: after a lost phone it is connected again, brought back to normal and asked once more, a
few times. Whatever happens, every byte that is delivered as right is compared.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from enum import Enum
from pathlib import Path
from typing import Final, NamedTuple

from device_agent.emulator.agent import Agent
from device_agent.emulator.core_agent import CoreAgent
from device_agent.emulator.faulty_port import FaultyPort
from device_agent.emulator.owners.registrations import SLOTS
from device_agent.emulator.phone import Phone
from device_agent.emulator.ports import Port
from device_agent.emulator.power import Power
from device_agent.emulator.profile import HandsetProfile, ProfileFile
from device_agent.emulator.python_agent import PythonAgent
from harness.archive import BackupSet
from harness.connection import Connection
from harness.errors import ArtifactError, HandsetLost, HilError, LabUnavailable, ProductError
from harness.handset import BUILD, LEASE_S, Handset
from harness.journal import Journal
from harness.whole_backup import Outcome as StreamOutcome
from harness.whole_backup import back_up, restore
from tests.chaos.schedule import random_plan
from tests.chaos.simulated import Hang, PhoneThread, SimulatedLine, SimulatedPort, SimulatedTransport
from tests.lab.owners import NotebookOwner
from tests.passive_streams import records_in
from wire.fault_plan import FaultPlan
from wire.protocol.handshake import LOCAL, PROFILES, LinkProfile, make_hello
from wire.protocol.messages import fingerprint
from wire.symbian import BurMode, SecureId, TTransferDataType

DEADLINE_S: Final = 1800.0
"""Of a run with all its attempts; a single call may go without progress for 230 s."""

ATTEMPTS: Final = 4
PASSIVE_OWNER: Final = SecureId(0x20001234)
NOTES: Final = f"C:{PASSIVE_OWNER.private_directory}notes.txt"
REGISTRATION_PATH: Final = f"Z:{PASSIVE_OWNER.private_directory}backup_registration.xml"
REGISTRATION: Final = (
    '<?xml version="1.0" encoding="UTF-8"?><backup_registration version="1.0">'
    '<passive_backup><include_directory name="\\"/></passive_backup></backup_registration>'
)
NO_PROXIES: Final = bytes(4)
"""What an owner's active data begins with: nobody else's data is in it (BE 9)."""

AGENTS: Final[dict[str, Callable[..., Agent]]] = {"python": PythonAgent, "core": CoreAgent}


class Ending(Enum):
    """How a run came out."""

    DONE = "done at the first attempt"
    DONE_AGAIN = "done after a new session"
    ERROR = "a named error"
    WRONG = "wrong bytes"
    HANG = "hung"
    FAULT = "a fault of ours"


class Outcome(NamedTuple):
    """What became of a run.

    Attributes:
        normal: the phone was in normal when the host had been silent for longer than its lease.
        reported: if not, whether an error or the journal has said so.
        took_s: simulated seconds.
        problem: of an ending that is none of the good ones, or the error.
    """

    seed: int
    agent: str
    plan: str
    ending: Ending
    error: str
    normal: bool
    reported: bool
    took_s: float
    hurt: int
    problem: str

    @property
    def is_good(self) -> bool:
        """Nothing lost, nothing hung."""
        return self.ending in {Ending.DONE, Ending.DONE_AGAIN, Ending.ERROR} and (self.normal or self.reported)


class WrongBytes(BaseException):
    """Bytes were delivered as right and are not. Nobody handles it, so it ends the run."""


class CheckedOwner(NotebookOwner):
    """Compares what it gets back as it comes."""

    def _receive(self, data: bytes, *, finished: bool) -> None:
        at = len(self._incoming)
        if self.content[at : at + len(data)] != data:
            raise WrongBytes(f"the owner got other bytes at {at}")
        super()._receive(data, finished=finished)
        if finished and self.restored[-1] != self.content:
            raise WrongBytes(f"the owner got {len(self.restored[-1])} bytes of {len(self.content)}")


class Run:
    """One run. `play` gives its outcome and never raises."""

    def __init__(self, seed: int, agent: str, folder: Path, plan: FaultPlan | None = None) -> None:
        chance = random.Random(f"run {seed}")
        self._seed = seed
        self._agent = agent
        self._folder = folder
        self.plan = plan or random_plan(chance, seed)
        self._chance = chance
        self._contents = [
            chance.randbytes(chance.choice([0, 1, 5000, chance.randrange(60_000)])) for _ in range(2)
        ]
        self._notes = chance.randbytes(chance.randrange(30_000))
        suits = PROFILES.get(self.plan.speed_name, LOCAL)
        self._link: LinkProfile = chance.choice([suits, suits, suits, *PROFILES.values()])
        self._line = SimulatedLine(deadline_s=DEADLINE_S)
        self._port = FaultyPort(SimulatedPort(self._line), self.plan, clock=self._line.clock)
        self._notes_of_phone: list[str] = []
        self._power = Power(self._port, self._make_agent)
        self._journal = Journal(clock=self._line.clock)
        self._session: Handset | None = None
        self._owners: dict[int, CheckedOwner] = {}
        self._reported = False

    def _make_agent(self, port: Port, phone: Phone | None) -> Agent:
        profile = HandsetProfile(
            registrations=((REGISTRATION_PATH, REGISTRATION.encode()),),
            files=(ProfileFile(NOTES, self._notes),),
        )
        agent = AGENTS[self._agent](
            port,
            profile,
            boot_id=self._chance.getrandbits(32),
            clock=self._line.clock,
            link_profile=self._link,
            phone=phone,
        )
        agent.phone.on_note = self._notes_of_phone.append
        return agent

    # ----------------------------------------------------------------------------------------- playing

    def play(self) -> Outcome:
        phone = PhoneThread(self._line, self._power.run)
        ending, error, problem = Ending.FAULT, "", ""
        try:
            attempts = self._until_done()
            ending = Ending.DONE if attempts == 1 else Ending.DONE_AGAIN
        except HilError as named:
            self._reported = any("brought back to normal" in note for note in _notes_of(named))
            ending, error, problem = Ending.ERROR, type(named).__name__, str(named)
        except WrongBytes as wrong:
            ending, problem = Ending.WRONG, str(wrong)
        except Hang as hang:
            ending, problem = Ending.HANG, str(hang)
        except Exception as fault:  # noqa: BLE001 - any other exception is a finding
            ending, problem = Ending.FAULT, f"{type(fault).__name__}: {fault}"
        took_s = self._line.now - 1000.0
        try:
            self._close()
            self._be_silent(2 * LEASE_S)
            mode = self._power.phone.backup_mode
            phone.end()
        except Hang as hang:
            ending, problem, mode = Ending.HANG, f"{problem} {hang}", BurMode(0)
        if phone.failure is not None:
            ending, problem = Ending.FAULT, f"in the phone: {phone.failure!r}"
        return Outcome(
            self._seed,
            self._agent,
            str(self.plan),
            ending,
            error,
            mode.is_normal,
            self._reported,
            round(took_s, 3),
            self._port.hurt,
            problem,
        )

    def _until_done(self) -> int:
        """Back up and restore, again in a new session when the phone is lost; how many attempts it took."""
        backed_up = False
        attempt = 0
        while True:
            attempt += 1
            try:
                handset = self._open()
                handset.recover()
                sids = [self._attach(handset, number) for number in range(2)]
                if not backed_up:
                    folder = self._folder / f"set-{attempt}"
                    try:
                        outcomes = back_up(handset, folder, sids=[*sids, PASSIVE_OWNER])
                    finally:
                        self._check_set(folder)
                    _raise_first(outcomes)
                    backed_up = True
                    kept = folder
                handset.files.write(NOTES, b"replaced since the backup")
                _raise_first(restore(handset, kept, sids=[*sids, PASSIVE_OWNER]))
                self._check_restored(handset)
            except (HandsetLost, LabUnavailable):
                if attempt >= ATTEMPTS:
                    raise
                self._close()
            else:
                return attempt

    def _open(self) -> Handset:
        hello = make_hello(
            self._link,
            fingerprint=fingerprint(),
            build=BUILD,
            product="PC",
            nonce=self._chance.getrandbits(32),
        )
        transport = SimulatedTransport(self._line, self._link)
        # The keeper would move bytes in real time; here whoever waits does.
        connection = Connection(transport, hello, clock=self._line.clock, keeper_delay_s=3600.0)
        try:
            self._session = Handset(connection, name="simulated", journal=self._journal)
        except BaseException:
            connection.close()
            raise
        return self._session

    def _attach(self, handset: Handset, number: int) -> SecureId:
        self._owners[number] = CheckedOwner(self._contents[number])
        return handset.attach(self._owners[number], SLOTS[number]).sid

    def _close(self) -> None:
        if self._session is not None:
            self._session.close()
            self._session = None

    # ---------------------------------------------------------------------------------------- checking

    def _check_set(self, folder: Path) -> None:
        """What is in the set is whole and right, whatever has happened."""
        if not folder.exists():
            return
        backup_set = BackupSet.open(folder)
        try:
            backup_set.verify()
        except ArtifactError as error:
            raise WrongBytes(f"the set is damaged: {error}") from error
        for key in backup_set.streams:
            data = backup_set.contents(key)
            if key.data_type == TTransferDataType.EActiveBaseData:
                if data != NO_PROXIES + self._contents[SLOTS.index(key.sid)]:
                    raise WrongBytes(f"{key} holds {len(data)} other bytes")
            elif (
                key.data_type == TTransferDataType.EPassiveBaseData and records_in(data).get(NOTES) != self._notes
            ):
                raise WrongBytes(f"{key} holds other notes")

    def _check_restored(self, handset: Handset) -> None:
        if handset.files.read(NOTES) != self._notes:
            raise WrongBytes("the notes are not what they were")
        for number in range(2):
            owner = self._owners[number]
            if owner.restored[-1:] != [self._contents[number]] and self._contents[number]:
                raise WrongBytes("a restore was reported as done, and the owner has not got its data")

    def _be_silent(self, seconds: float) -> None:
        """The host is there no more; the phone goes on."""
        line = self._line
        line.host.inbox.clear()
        until = line.now + seconds
        line.deadline_s = until + DEADLINE_S
        while line.now < until and not line.phone.is_gone:
            line.exchange(line.host, line.phone, b"", until - line.now)


def _raise_first(outcomes: Iterable[StreamOutcome]) -> None:
    """A stream that failed is a named error of the run."""
    for outcome in outcomes:
        if outcome.failed:
            raise ProductError(f"{outcome.sid} {outcome.data_type.name}: {outcome.error}")


def _notes_of(error: BaseException) -> list[str]:
    return [str(error), *getattr(error, "__notes__", [])]
