"""What the core costs on the phone's processor: instructions for each byte of payload that it sends or receives.

    python -m tests.agent.cost [PAGE]      prints the table, and writes it into PAGE between its marks

A host and the core built for this machine talk to each other, and what the host said is written down. The core
built for ARM gets the same under qemu, which counts instructions: twice, the second time further, so that start
and handshake are in both counts. What the two cores said has to be the same.
"""

from __future__ import annotations

import random
import struct
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final, NamedTuple

from device_agent.emulator.core_library import Core
from tests.generated import put
from wire.layout import codec_of
from wire.protocol.calls import Calls
from wire.protocol.handshake import LOCAL, make_hello
from wire.protocol.host_link import HostLink
from wire.protocol.messages import fingerprint
from wire.protocol.messages.files import FILE_READ, FILE_WRITE, FileRead, FileWrite

ROOT: Final = Path(__file__).parents[2]
CPP: Final = ROOT / "tests" / "agent" / "cpp"
CORE: Final = ROOT / "device_agent" / "core"
COMPILER: Final = "arm-linux-gnueabi-g++"
CPU: Final = "arm926"
_SIZE: Final = 1 << 20
_CONTENT_SIZE: Final = 1 << 16
_PIECE: Final = 4096
CONTENTS: Final = {
    "random": random.Random(4096).randbytes(_CONTENT_SIZE),
    "zeros": bytes(_CONTENT_SIZE),
    "flags (0x7E) only": b"~" * _CONTENT_SIZE,
}


class Turn(NamedTuple):
    """What the host said, what the core answered, and how much payload had passed by then."""

    said: bytes
    answered: bytes
    passed: int


class _Phone:
    """The platform of core_cost.cpp, in Python."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.passed = 0
        hello = make_hello(LOCAL, fingerprint=fingerprint(), build="cost", product="cost", nonce=0, boot_id=77)
        self.core = Core(self, hello)

    def tick_ms(self) -> int:
        return 0

    def free_bytes(self) -> int:
        return 0

    def session(self) -> None: ...

    def request(self, tag: int, method: int, body: bytes) -> None:
        if method == FILE_READ.number:
            self.core.reply(tag, 0)

    def upload(self, tag: int, offset: int, data: bytes) -> int:
        self.passed = offset + len(data)
        return 0

    def upload_ended(self, tag: int) -> None:
        self.core.reply(tag, 0)

    def cancelled(self, tag: int) -> None: ...

    def download(self, tag: int, offset: int, size: int) -> bytes | int:
        at = offset % _CONTENT_SIZE
        piece = self.content[at : at + size]
        self.passed = offset + len(piece)
        return piece

    def release(self, tag: int) -> None: ...

    def answered(self, tag: int, status: int, body: bytes, *, timed_out: bool) -> None: ...

    def host_silent(self) -> None: ...


def conversation(*, sends: bool, content: bytes) -> list[Turn]:
    """A host takes a megabyte from the core, or gives it one; each turn is a millisecond."""
    phone = _Phone(content)
    hello = make_hello(LOCAL, fingerprint=fingerprint(), build="cost", product="cost", nonce=1)
    host = HostLink(hello)
    calls = Calls(host, is_phone=False)
    phone.core.link(0, is_up=True)
    turns: list[Turn] = []

    def turn() -> None:
        now_ms = len(turns)
        assert now_ms < 4 * _SIZE // _PIECE, f"after {now_ms} turns only {phone.passed} bytes have passed"
        said = b"".join(host.outgoing(now_ms / 1000))
        phone.core.rx(now_ms, said)
        phone.core.tick(now_ms)
        answered = phone.core.tx(now_ms)
        turns.append(Turn(said, answered, phone.passed))
        host.receive(answered, now_ms / 1000)
        calls.process()

    while not host.is_open:
        turn()
    if sends:
        read = codec_of(FileRead).build(FileRead("C:\\x", 0, _SIZE))
        call = calls.ask(FILE_READ, read, deadline_ms=1000)
    else:
        write = codec_of(FileWrite).build(FileWrite("C:\\x", 0, truncate=True))
        call = calls.ask(FILE_WRITE, write, deadline_ms=1000, upload=[content] * (_SIZE // _CONTENT_SIZE))
    while phone.passed < _SIZE:
        turn()
        stream = call.download
        while stream is not None and stream.has_data:
            stream.take()
            calls.grant(stream)
    return turns


class Arm:
    """The core for ARM, and what counts its instructions."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._program, self._plugin = folder / "core_cost", folder / "count_instructions.so"
        flags = ["-O2", "-march=armv5te", "-marm", "-std=c++98", "-fno-exceptions", "-fno-rtti", "-static"]
        sources = [str(CPP / "core_cost.cpp"), *(str(path) for path in sorted(CORE.glob("*.cpp")))]
        _run(COMPILER, *flags, f"-I{CORE}", *sources, "-o", str(self._program))
        _run("gcc", "-shared", "-fPIC", "-O2", str(CPP / "count_instructions.c"), "-o", str(self._plugin))

    def record(self, turns: list[Turn], content: bytes) -> Path:
        """The file that core_cost.cpp reads."""
        path = self._folder / "record"
        said = b"".join(struct.pack("<I", len(turn.said)) + turn.said for turn in turns)
        path.write_bytes(content + struct.pack("<I", len(turns)) + said)
        return path

    def play(self, record: Path, turns: int, what: str) -> tuple[int, bytes]:
        """How many instructions that took, and what the program wrote."""
        words = ["-cpu", CPU, "-plugin", str(self._plugin), str(self._program), str(record), str(turns), what]
        done = subprocess.run(["qemu-arm", *words], capture_output=True, check=False)
        said = done.stderr.decode(errors="replace")
        if done.returncode != 0 or "instructions " not in said:
            raise SystemExit(f"qemu-arm {' '.join(words)} ended with {done.returncode}: {said}")
        return int(said.rpartition("instructions ")[2]), done.stdout

    def each_byte(self, record: Path, turns: list[Turn]) -> float:
        """Instructions of the core for each byte, between the first third of a conversation and its end."""
        early, late = len(turns) // 3, len(turns)
        first, _ = self.play(record, early, "core")
        second, answered = self.play(record, late, "core")
        if answered != b"".join(turn.answered for turn in turns):
            raise SystemExit("the core for ARM does not say what the core for this machine says")
        return (second - first) / (turns[late - 1].passed - turns[early - 1].passed)

    def each_byte_of(self, record: Path, what: str) -> float:
        """Instructions of something simpler for each byte."""
        counts = [self.play(record, pieces, what)[0] for pieces in (10, 40)]
        return (counts[1] - counts[0]) / (30 * _PIECE)


def _run(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"{command[0]} failed:\n{done.stderr}")
    return done.stdout


class Cost(NamedTuple):
    """Instructions for each byte, and those of the core's CRC-32 over the same bytes."""

    sending: float
    receiving: float
    crc: float


def cost_of(arm: Arm, content: bytes) -> Cost:
    """One kind of content in both directions."""
    turns = conversation(sends=True, content=content)
    record = arm.record(turns, content)
    crc, copy = (arm.each_byte_of(record, what) for what in ("crc", "copy"))
    sending = arm.each_byte(record, turns) - copy
    turns = conversation(sends=False, content=content)
    return Cost(sending, arm.each_byte(arm.record(turns, content), turns), crc)


def table(arm: Arm) -> str:
    """The section of the page."""
    costs = {name: cost_of(arm, content) for name, content in CONTENTS.items()}
    crc = costs["random"].crc
    lines = [
        "| Content | Sending | Receiving |",
        "| --- | --- | --- |",
        *(
            f"| {name} | {cost.sending:.1f} ({cost.sending / crc:.2f}) "
            f"| {cost.receiving:.1f} ({cost.receiving / crc:.2f}) |"
            for name, cost in costs.items()
        ),
    ]
    compiler = _run(COMPILER, "--version").splitlines()[0]
    qemu = _run("qemu-arm", "--version").splitlines()[0]
    about = (
        f"Instructions for each byte, and in brackets how many times those of a CRC-32 over the same bytes\n"
        f"({crc:.1f} with the core's table). {compiler}, `-O2 -march=armv5te -marm`; {qemu}, `-cpu {CPU}`."
    )
    return "\n".join([*lines, "", about])


def main(arguments: list[str]) -> None:
    """Count, print, and write."""
    with tempfile.TemporaryDirectory() as folder:
        section = table(Arm(Path(folder)))
    print(section)  # noqa: T201
    for page in map(Path, arguments):
        put(page, "make core-cost", section)


if __name__ == "__main__":
    main(sys.argv[1:])
