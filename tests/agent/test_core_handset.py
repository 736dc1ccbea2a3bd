"""A handset whose agent is the core, in the hands of a test author: threads, a whole lab suite, what it says."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from device_agent.emulator.agent import Served
from device_agent.emulator.core_agent import CoreAgent
from device_agent.emulator.core_library import Given, load
from harness.emulated import EmulatedHandset
from harness.errors import AgentRefused, HandsetLost
from harness.handset import Handset
from tests.agent.built import ROOT, core_library
from tests.agent.generated import answer_callback
from tests.agent.raw_host import RawHost
from tests.phone_in_thread import phone_in_thread
from wire.layout import codec_of
from wire.protocol.frame import Kind
from wire.protocol.messages.engine import SID_STATUS, SidListBody
from wire.protocol.messages.files import FILE_READ, FileRead
from wire.protocol.messages.method import AgentFault, ErrorDomain
from wire.protocol.messages.phone import PHONE_INFO
from wire.symbian import SecureId, TDataOwnerStatus


@pytest.fixture
def handset() -> Iterator[Handset]:
    core_library()
    with phone_in_thread(core=True) as phone:
        handset = phone.handset()
        yield handset
        handset.close()


def test_it_says_that_it_is_the_core(handset: Handset) -> None:
    assert handset.info.agent.startswith("symhil-core-agent")


def test_many_threads_at_once(handset: Handset) -> None:
    failures: list[BaseException] = []
    content = {number: bytes([number]) * (number * 10_000) for number in range(8)}

    def there_and_back(number: int) -> None:
        try:
            for _ in range(3):
                handset.files.write(f"C:\\{number}.bin", content[number])
                assert handset.files.read(f"C:\\{number}.bin") == content[number]
        except BaseException as error:
            failures.append(error)
            raise

    threads = [threading.Thread(target=there_and_back, args=(number,)) for number in content]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures


def test_more_owners_than_one_answer_has_room_for(handset: Handset) -> None:
    sids = [SecureId(0x20000000 + number) for number in range(700)]
    with handset.backup(partial=[]) as run:
        states = run.engine.status(sids)
    assert states == dict.fromkeys(sids, TDataOwnerStatus.EDataOwnerNotFound)


def test_a_folder_of_long_names_comes_page_by_page(handset: Handset) -> None:
    tail = "\u20ac" * 200
    names = {f"{number:03}-{tail}.txt" for number in range(60)}
    handset.files.make_folder("C:\\many\\")
    for name in names:
        handset.files.write(f"C:\\many\\{name}", b"")
    assert {entry.name for entry in handset.files.list("C:\\many\\")} == names


def test_a_message_longer_than_the_agent_can_hold_is_refused_in_words(handset: Handset) -> None:
    with pytest.raises(AgentRefused, match="4160 bytes at most"):
        handset.engine.set_sid_list([SecureId(number) for number in range(2000)])
    assert handset.engine.connect() > 0


def test_more_open_calls_than_the_agent_can_hold_are_refused_in_words(handset: Handset) -> None:
    handset.files.write("C:\\big.bin", bytes(1 << 20))
    calls = handset.connection._calls
    for _ in range(16):
        _open_download(handset)  # each of them waits with its data until somebody takes it
    with pytest.raises(AgentRefused, match="as many calls are open"):
        handset.files.stat("C:\\big.bin")
    for call in list(calls.open.values()):
        calls.abandon(call)
    assert handset.files.stat("C:\\big.bin").size == 1 << 20


def _open_download(handset: Handset) -> None:
    handset.connection.call(FILE_READ, FileRead("C:\\big.bin", 0, 1 << 20))


def test_what_nobody_takes_is_not_kept() -> None:
    """A host that does not count its calls asks again under the same number before it was answered."""
    host = RawHost("core", answer=answer_callback, seed="")
    agent = host.agent
    assert isinstance(agent, CoreAgent)
    agent.phone.files.install("C:\\there.bin", bytes(100))
    host.hello(1)
    host.run()
    read = codec_of(FileRead).build(FileRead("C:\\there.bin", 0, 100))
    for _ in range(2):
        host.message(Kind.REQUEST, 5, FILE_READ.number, bytes(4) + read)
    host.run()
    assert (Kind.CLOSE, 0, 5) in host.transcript()
    host.run()
    assert not agent._downloads


def test_an_answer_that_is_too_long_is_refused_in_words_and_its_download_released(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    released: list[int] = []
    host = RawHost("core", answer=answer_callback, seed="")
    monkeypatch.setattr(host.agent, "release", released.append)
    monkeypatch.setattr(host.agent, "_perform", lambda method, body, upload: Served(bytes(4161), [b"data"]))
    host.hello(1)
    read = codec_of(FileRead).build(FileRead("C:\\x", 0, 100))
    host.message(Kind.REQUEST, 5, FILE_READ.number, bytes(4) + read)
    host.run()
    error = (int(AgentFault.NO_RESOURCES), ErrorDomain.AGENT, AgentFault.NO_RESOURCES)
    assert host.transcript()[Kind.ANSWER, 0, 5] == [("error", *error)]
    assert len(released) == 1


def test_the_engine_is_free_of_an_answer_that_found_no_room_before_a_new_host_came(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    host = RawHost("core", answer=answer_callback, seed="")
    agent = host.agent
    assert isinstance(agent, CoreAgent)
    monkeypatch.setattr(agent, "_perform", lambda method, body, upload: Served(bytes(4000)))
    host.hello(1)
    host.run()
    nobody = codec_of(SidListBody).build(SidListBody(()))
    for call_id in (1, 2, 3):
        host.message(Kind.REQUEST, call_id, PHONE_INFO.number, bytes(4))
    host.message(Kind.REQUEST, 4, SID_STATUS.number, bytes(4) + nobody)
    agent.serve_host(0.0)
    assert [request.tag for request, _ in agent._unanswered]
    host.hello(2)
    host.run()
    host.message(Kind.REQUEST, 5, SID_STATUS.number, bytes(4) + nobody)
    host.run()
    ((_, _, answer),) = host.transcript()[Kind.ANSWER, 0, 5]
    assert answer == bytes(4000)


def test_a_fault_of_the_platform_comes_out_of_the_call_it_was_met_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """Here it gives more of a download than there is room for, which must not be written anywhere."""
    host = RawHost("core", answer=answer_callback, seed="")
    monkeypatch.setattr(host.agent, "_perform", lambda method, body, upload: Served(b"", [b"data"]))
    monkeypatch.setattr(host.agent, "download", lambda tag, offset, size: bytes(size + 1))
    host.hello(1)
    host.message(Kind.REQUEST, 5, FILE_READ.number, bytes(4) + codec_of(FileRead).build(FileRead("C:\\x", 0, 9)))
    with pytest.raises(AssertionError, match="at most 4096 were asked for"):
        host.run()


def test_the_loader_knows_the_header_s_numbers() -> None:
    _, library = load(core_library())
    for given in Given:
        assert getattr(library, f"AGC_{given.name}") == given


def test_the_lab_suite_passes_on_it() -> None:
    core_library()
    command = [sys.executable, "-m", "pytest", "-q", "tests/lab", "--hil-backend=emulator", "--hil-agent=core"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-4000:]
    assert " passed" in done.stdout
    assert "skipped" not in done.stdout


def test_an_option_or_a_configuration_chooses_it(tmp_path: Path) -> None:
    core_library()
    config = tmp_path / "lab.yaml"
    config.write_text("handsets:\n  - name: one\n    links: [emulator: {agent: core}]\n")
    (tmp_path / "test_it.py").write_text(
        "def test_it(handset):\n    assert handset.info.agent.startswith('symhil-core-agent')\n"
    )
    for options in (["--hil-agent=core"], [f"--hil-config={config}"]):
        command = [sys.executable, "-m", "pytest", "-q", str(tmp_path), "-p", "no:cacheprovider", *options]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout[-2000:]


def test_without_a_shared_object_it_says_how_to_get_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SYMHIL_CORE_LIBRARY", str(tmp_path / "nothing.so"))
    done = subprocess.run(
        [sys.executable, "-m", "device_agent.emulator", "--agent", "core"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "nothing.so: build it with `make core`" in done.stderr


def test_a_handset_that_is_killed_is_lost_at_once() -> None:
    core_library()
    with EmulatedHandset(agent="core") as emulated:
        handset = Handset.open(emulated.open())
        emulated.process.kill()
        with pytest.raises(HandsetLost):
            handset.files.read("C:\\", offset=0)
        handset.close()
