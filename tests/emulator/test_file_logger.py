"""The file logger: what it writes where, whatever comes and goes on the phone meanwhile (Log format 2 to 4)."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from device_agent.emulator.clock import FACTORY_TIME, PhoneClock
from device_agent.emulator.file_logger import FileLogger
from device_agent.emulator.filesystem import FileSystem
from wire.formats.log_line import format_line
from wire.symbian import Drive
from wire.symbian_errors import Leave

FOLDER = "C:\\logs\\connect\\"
PATH = FOLDER + "securebackup.txt"


class Logging:
    """A log on a drive, and a clock that only moves when it is told to."""

    def __init__(self) -> None:
        self.clock = PhoneClock(lambda: 0.0, skips=True)
        self.files = FileSystem(self.clock.home_time)
        self.files.add_drive(Drive.parse("C"))
        self.log = FileLogger(self.files, self.clock.home_time).log("connect", "securebackup.txt")

    @property
    def content(self) -> bytes | None:
        return self.files.read(PATH) if self.files.exists(PATH) else None


def test_a_line_is_written_as_soon_as_there_is_a_folder() -> None:
    logging = Logging()
    logging.log.write("lost")
    assert not logging.files.exists(PATH)
    logging.files.make_folder(FOLDER)
    logging.log.write("first")
    logging.clock.skip(0.999)
    logging.log.write("second")
    logging.clock.skip(0.001)
    logging.log.write("third")
    assert logging.content == (
        b"14/07/2010\t09:58:41\tfirst\r\n14/07/2010\t09:58:41\tsecond\r\n14/07/2010\t09:58:42\tthird\r\n"
    )
    assert logging.files.file(PATH).modified == logging.clock.home_time()


STEPS = st.sampled_from(["write", "make", "delete file", "delete folder", "skip", "other file"])


@given(st.lists(st.tuples(STEPS, st.floats(0, 2)), max_size=30))
def test_what_comes_and_goes_meanwhile(steps: list[tuple[str, float]]) -> None:
    """Beside a log that is a list of lines, there when the file is there."""
    logging = Logging()
    lines: list[bytes] | None = None
    has_folder = False
    for number, (step, seconds) in enumerate(steps):
        if step == "write":
            logging.log.write(f"line {number}")
            if has_folder:
                when = logging.clock.home_time().replace(microsecond=0)
                lines = [*(lines or ()), format_line(when, f"line {number}")]
        elif step == "make":
            logging.files.make_folder(FOLDER)
            has_folder = True
        elif step == "skip":
            logging.clock.skip(seconds)
        elif step == "other file":
            logging.files.install("C:\\other", b"")
        else:
            try:
                logging.files.delete(PATH if step == "delete file" else FOLDER)
            except Leave:
                continue  # it was not there, or not empty
            lines, has_folder = None, step == "delete file"
        assert logging.content == (None if lines is None else b"".join(lines))


def test_the_first_second_is_that_of_the_factory() -> None:
    logging = Logging()
    logging.files.make_folder(FOLDER)
    logging.log.write("x")
    assert logging.content == format_line(FACTORY_TIME, "x")


def test_the_generation_tells_of_everything_that_comes_or_goes() -> None:
    files = FileSystem(PhoneClock(lambda: 0.0, skips=True).home_time)
    seen = [files.generation]
    for change in (
        lambda: files.add_drive(Drive.parse("C")),
        lambda: files.make_folder(FOLDER),
        lambda: files.write(PATH, b"x"),
        lambda: files.delete(PATH),
        lambda: files.delete(FOLDER),
    ):
        change()
        seen.append(files.generation)
    assert len(set(seen)) == len(seen)
