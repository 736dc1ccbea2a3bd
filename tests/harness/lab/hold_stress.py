"""Many processes that want the same phones, some of them killed: `python -m tests.harness.lab.hold_stress`.

The witness is another kind of lock of the kernel's, a POSIX record lock, on another file. Its descriptor is opened
before the hold is taken, so that the kernel lets go of it first when the process is killed: whoever has a hold can
always have the witness at once, or somebody else has the hold as well.
"""

from __future__ import annotations

import fcntl
import os
import random
import signal
import sys
import tempfile
import time
from pathlib import Path
from typing import Final, NamedTuple

import click

from harness.lab.config import HandsetEntry, SerialLink, TcpLink
from harness.lab.hold import FOLDER_VARIABLE, holder_of, take

PHONES: Final = tuple(
    HandsetEntry(
        name=f"phone-{n}",
        links=(SerialLink(kind="serial", port=f"/dev/ttyPhone{n}"), TcpLink(kind="tcp", port=7000 + n)),
    )
    for n in range(2)
)
WAIT_S: Final = 120.0
OVERLAP_EXIT_CODE: Final = 99


class Outcome(NamedTuple):
    """What a stress run found."""

    holds: int
    killed: int
    overlaps: int
    stuck: int


def hold_again_and_again(folder: Path, holds: int, seed: int) -> int:
    """One of the processes; an `x` in its file for each hold that it gave back."""
    chance = random.Random(seed)
    with (folder / f"done-{seed}").open("ab", buffering=0) as done:
        for _ in range(holds):
            phone = chance.choice(PHONES)
            witness = os.open(folder / f"witness-{phone.name}", os.O_RDWR | os.O_CREAT)
            try:
                with take(phone, "stress", wait_s=WAIT_S, sleep=lambda _: time.sleep(0.001)):
                    try:
                        fcntl.lockf(witness, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    except BlockingIOError:
                        return OVERLAP_EXIT_CODE
                    if chance.random() < 0.02:
                        os.kill(os.getpid(), signal.SIGKILL)
                    time.sleep(chance.random() * 0.002)
                    fcntl.lockf(witness, fcntl.LOCK_UN)
            finally:
                os.close(witness)
            done.write(b"x")
    return 0


def stress(folder: Path, processes: int, holds: int) -> Outcome:
    """Let `processes` of them take `holds` holds together and more; who is killed has a successor."""
    os.environ[FOLDER_VARIABLE] = str(folder / "locks")
    running: set[int] = set()
    killed = overlaps = seed = 0

    def start() -> None:
        nonlocal seed
        seed += 1
        pid = os.fork()  # nothing else runs in this process, and nothing is held in it
        if pid == 0:
            os._exit(hold_again_and_again(folder, -(-holds // processes), seed))
        running.add(pid)

    for _ in range(processes):
        start()
    while running:
        pid, status = os.wait()
        running.discard(pid)
        code = os.waitstatus_to_exitcode(status)
        assert code in {0, OVERLAP_EXIT_CODE, -signal.SIGKILL}, code
        overlaps += code == OVERLAP_EXIT_CODE
        if code == -signal.SIGKILL:
            killed += 1
            start()
    stuck = sum(holder_of(phone) is not None for phone in PHONES)
    for phone in PHONES:
        take(phone, "afterwards").release()
    given_back = sum(path.stat().st_size for path in folder.glob("done-*"))
    return Outcome(given_back + killed, killed, overlaps, stuck)


@click.command()
@click.option("--processes", default=20, show_default=True)
@click.option("--holds", default=1000, show_default=True)
def main(processes: int, holds: int) -> None:
    """Stress the holding of phones; the exit code is 1 when two ever held one, or a lock stayed behind."""
    with tempfile.TemporaryDirectory() as temporary:
        outcome = stress(Path(temporary), processes, holds)
    click.echo(f"{processes} processes: {outcome}")
    sys.exit(outcome.overlaps > 0 or outcome.stuck > 0)


if __name__ == "__main__":
    main()
