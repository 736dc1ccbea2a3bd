"""The programs we compare ourselves with. One that is not installed gives None, and its rows say so."""

from __future__ import annotations

import asyncio
import os
import select
import shutil
import signal
import struct
import subprocess
import tempfile
import time
from pathlib import Path

from tests.bench.processes import Timing, in_child, own_cpu_s, raw_pty

_KEEP_RAW = """
int tcsetattr(int fd, int actions, const void *settings) { (void)fd; (void)actions; (void)settings; return 0; }
"""


_STALLED_S = 10.0
_ATTEMPTS = 10


def zmodem(data: bytes) -> Timing | None:
    """lrzsz sends it over a pseudo-terminal; both ends' processor time. None when it is not installed.

    Both of its programs set the one terminal up, each its own way, and hang; so a line of C keeps it raw. At times
    one misses the other's last word and waits for half a minute: that says nothing of their speed, so they do it
    again.
    """
    if shutil.which("sz") is None or shutil.which("gcc") is None:
        return None
    for _ in range(_ATTEMPTS):
        timing = _zmodem_once(data)
        if timing is not None:
            return timing
    raise RuntimeError(f"ZMODEM hung {_ATTEMPTS} times in a row")


def _zmodem_once(data: bytes) -> Timing | None:
    """None when it hangs."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "raw.c").write_text(_KEEP_RAW)
        subprocess.run(["gcc", "-shared", "-fPIC", "-o", "raw.so", "raw.c"], cwd=folder, check=True)
        (folder / "out").mkdir()
        (folder / "sent.bin").write_bytes(data)
        environment = {**os.environ, "LD_PRELOAD": str(folder / "raw.so")}
        master, slave = raw_pty()
        receiver = subprocess.Popen(
            ["rz", "-b", "-q", "-y"], stdin=slave, stdout=slave, cwd=folder / "out", env=environment, stderr=-3
        )
        while not _is_waiting(slave, receiver):
            pass
        began = time.perf_counter()
        sender = subprocess.Popen(
            ["sz", "-b", "-q", "sent.bin"], stdin=master, stdout=master, cwd=folder, env=environment, stderr=-3
        )
        hangs = not all(_ends_within(process.pid, _STALLED_S) for process in (sender, receiver))
        if hangs:
            for process in (sender, receiver):
                os.kill(process.pid, signal.SIGKILL)  # also one that has ended and was not waited for yet
        cpu_s = 0.0
        for process in (sender, receiver):
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = status
            cpu_s += usage.ru_utime + usage.ru_stime
        took_s = time.perf_counter() - began
        os.close(master)
        os.close(slave)
        if hangs:
            return None
        # It fills the last block up.
        if (folder / "out" / "sent.bin").read_bytes()[: len(data)] != data:
            raise RuntimeError("ZMODEM lost something")
        return Timing(len(data) / took_s, cpu_s)


def _ends_within(pid: int, seconds: float) -> bool:
    descriptor = os.pidfd_open(pid)
    try:
        return bool(select.select([descriptor], [], [], seconds)[0])
    finally:
        os.close(descriptor)


def _is_waiting(slave: int, receiver: subprocess.Popen[bytes]) -> bool:
    """The receiver has gone to sleep over its first read: a sender that is quicker would be missed for 10 s."""
    del slave
    if receiver.poll() is not None:
        raise RuntimeError("rz ended before it began")
    state = Path(f"/proc/{receiver.pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    return state == "S" and Path(f"/proc/{receiver.pid}/comm").read_text().strip() in {"rz", "lrz"}


def smp_upload(data: bytes) -> Timing | None:
    """smpclient uploads it over a pseudo-terminal to a bare server; None when it is not installed."""
    try:
        import cbor2
        from smp import packet
        from smpclient import SMPClient
        from smpclient.transport.serial import BufferSize, SMPSerialTransport
    except ImportError:
        return None
    master, slave = raw_pty()

    def serve() -> None:
        head = struct.Struct("!BBHHBB")
        stored, lines, message = bytearray(), b"", None
        while True:
            end = lines.find(b"\n")
            if end < 0:
                lines += os.read(master, 65536)
                continue
            line, lines = lines[: end + 1], lines[end + 1 :]
            if message is None or line[:2] == packet.START_DELIMITER:
                message = packet.decode()
                next(message)
            try:
                message.send(line)
            except StopIteration as whole:
                frame, message = whole.value, None
            else:
                continue
            operation, flags, _, group, sequence, command = head.unpack_from(frame)
            body = cbor2.loads(frame[8:]) if len(frame) > 8 else {}
            if group == 0 and command == 6:
                answer = {"buf_size": 4096, "buf_count": 4}
            else:
                if body["off"] == 0:
                    stored.clear()
                stored += body["data"]
                answer = {"off": len(stored)}
            payload = cbor2.dumps(answer)
            reply = head.pack(operation | 1, flags, len(payload), group, sequence, command) + payload
            for part in packet.encode(reply, 8192):
                os.write(master, part)

    async def upload() -> None:
        client = SMPClient(SMPSerialTransport(BufferSize(4096, 8192)), os.ttyname(slave))
        await client.connect()
        async for _ in client.upload_file(data, "/c/x"):
            pass
        await client.disconnect()

    child = in_child(serve)
    cpu_s, began = own_cpu_s(), time.perf_counter()
    asyncio.run(upload())
    took_s = time.perf_counter() - began
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    os.close(master)
    os.close(slave)
    return Timing(len(data) / took_s, own_cpu_s() - cpu_s)
