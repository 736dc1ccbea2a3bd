"""What the emulated engine makes of a registration file, asked as a host asks it: list the data owners."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from device_agent.emulator.engine.panic import EnginePanic
from device_agent.emulator.profile import HandsetProfile
from tests.emulator.data.bench import Bench
from wire.formats.log_reader import read_records
from wire.formats.registration import Registration, RegistrationPanic, is_primary
from wire.formats.serialised import DataOwnerInfo
from wire.symbian import ENGINE_LOG, LOG_FOLDER, ActiveSettings, CommonSettings, PassiveSettings, SecureId

if TYPE_CHECKING:
    from harness.registration.lint import FileReport

PRIMARY = "backup_registration.xml"


class Verdict(NamedTuple):
    """What came of it.

    Attributes:
        panic: reason of the panic in which the engine ended; None if it did not.
        code: why the owner cannot be used; 0 if it can.
        registration: what the engine has understood; None if it knows no such owner.
        info: what the host is told of the owner; None if it is not listed.
        log: the texts of the engine's log.
    """

    panic: int | None
    code: int
    registration: Registration | None
    info: DataOwnerInfo | None
    log: list[str]

    @property
    def has_no_settings(self) -> bool:
        """Listed with all settings 0, as an owner is that the engine cannot use."""
        return self.info is not None and self.info[1:4] == (
            CommonSettings(0),
            PassiveSettings(0),
            ActiveSettings(0),
        )


def ask_engine(data: bytes, sid: SecureId, *, name: str = PRIMARY, folder: str = "") -> Verdict:
    r"""Put a file into `C:\private\<sid>\`, or into another folder of `C:\private`, and list the owners.

    An additional file gets a primary one beside it that registers nothing.
    """
    path = f"C:\\private\\{folder or f'{sid:08x}'}\\"
    files = [(path + name, data)]
    if not is_primary(name):
        files.append((path + PRIMARY, b"<backup_registration/>"))
    bench = Bench(HandsetProfile(registrations=tuple(files)))
    bench.phone.files.make_folder(LOG_FOLDER)
    panic, infos = None, []
    try:
        infos = bench.client.list_data_owners()
    except EnginePanic as ended:
        panic = ended.reason
    owner = bench.engine.owners.get(sid) if panic is None else None
    return Verdict(
        panic=panic,
        code=owner.error if owner else 0,
        registration=owner.registration if owner else None,
        info=next((info for info in infos if info.sid == sid), None),
        log=[record.text for record in read_records([bench.phone.files.read(ENGINE_LOG)])],
    )


def assert_engine_agrees(report: FileReport, sid: SecureId, *, name: str = PRIMARY) -> None:
    """Ask the emulated engine about the bytes of a file that was linted, and compare."""
    found = ask_engine(report.subject.source.data, sid, name=name)
    rejection = report.subject.rejection
    if isinstance(rejection, RegistrationPanic):
        assert found.panic == rejection.reason
        return
    assert (found.panic, found.code) == (None, report.code)
    failed = [text for text in found.log if "*** PARSING FAILED ***" in text]
    if report.is_accepted:
        assert failed == []
        assert found.registration == report.subject.registration
        assert (found.info is not None) is report.subject.registration.is_listed
    else:
        assert found.has_no_settings
        assert [text.endswith(f"error: {report.code}") for text in failed] == [True]
