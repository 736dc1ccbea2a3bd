"""The page of a run: what it is made of, what it says, and that it can be made again."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html

from harness.cli import main
from harness.errors import ArtifactError, ExitCode
from harness.report.chart import MOST_SHAPES, chart_of
from harness.report.difference import pairs_of
from harness.report.engine_log import match_callbacks, read_engine_log
from harness.report.page import in_bytes, render, write_report
from harness.report.reading import NOT_FINISHED, read_tests
from harness.report.sequence import Row, read_story
from tests.captures import SID, backup, write_capture, write_run
from wire.symbian import BurMode

FAILED = "tests/test_x.py::test_saved[C]"
PASSED = "tests/test_x.py::test_other"


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """Two runs, one after the other; in the second a test fails."""
    write_run(tmp_path / "20261101T000000Z-aaaaaa", {FAILED: ("passed", backup(30))})
    tests = {FAILED: ("failed", backup(30, fails_at=12)), PASSED: ("passed", backup(4))}
    return write_run(tmp_path / "20261102T000000Z-bbbbbb", tests)


def story_rows(tmp_path: Path, callbacks: int, fails_at: int = 0) -> list[Row]:
    write_capture(tmp_path / "wire.pcapng", backup(callbacks, fails_at=fails_at))
    return read_story(tmp_path / "wire.pcapng").rows


class TestStory:
    def test_callbacks_stand_between_the_request_and_its_answer(self, tmp_path: Path) -> None:
        rows = [row for row in story_rows(tmp_path, 3) if row.kind in {"engine", "callback"}]
        said = [(row.sender, row.receiver, row.name) for row in rows]
        assert said == [
            ("host", "phone", "set BUR mode"),
            ("host", "phone", "SID status"),
            ("host", "phone", "request data"),
            ("phone", "owner", "InitialiseGetBackupDataL"),
            ("phone", "owner", "GetBackupDataSectionL"),
            ("phone", "owner", "GetBackupDataSectionL"),
            ("phone", "host", "request data"),
        ]
        assert "data_type=EActiveBaseData" in rows[2].arguments
        assert rows[4].size == 17
        assert rows[4].took_s == pytest.approx(0.001, abs=1e-6)
        assert (rows[6].size, rows[6].result[:22]) == (5, "finished=True size=5 t")

    def test_a_leave_has_its_code_and_so_has_the_request_that_it_ends(self, tmp_path: Path) -> None:
        failed = [row for row in story_rows(tmp_path, 9, fails_at=5) if row.failed]
        assert [(row.sender, row.name, row.result) for row in failed] == [
            ("phone", "GetBackupDataSectionL", "leaves with KErrDiskFull"),
            ("phone", "request data", "KErrDiskFull"),
        ]

    def test_sizes_states_and_times(self, tmp_path: Path) -> None:
        write_capture(tmp_path / "wire.pcapng", backup(10))
        story = read_story(tmp_path / "wire.pcapng")
        [transfer] = story.transfers.values()
        assert (transfer.what, transfer.supplied, transfer.parts, transfer.size) == (
            f"{SID} C EActiveBaseData",
            False,
            1,
            5,
        )
        assert [str(BurMode.from_property(value)) for _, value in story.modes] == [
            "EBURNormal|ENoBackup",
            "EBURBackupPartial|EBackupBase",
        ]
        assert [status for _, status in story.ready[str(SID)]] == [2]
        assert story.counted["frames sent"] + story.counted["frames received"] == len(backup(10).frames)

    def test_the_time_line_stays_small_however_much_happened(self, tmp_path: Path) -> None:
        write_capture(tmp_path / "wire.pcapng", backup(3000))
        chart = chart_of(read_story(tmp_path / "wire.pcapng"))
        assert chart is not None
        assert [lane.label for lane in chart.lanes] == ["property", str(SID), "engine", "callbacks"]
        assert all(len(lane.bars) <= MOST_SHAPES for lane in chart.lanes)
        assert chart.lanes[-1].bars[-1].title.startswith("at ")


class TestReading:
    def test_a_run_that_was_killed_has_its_tests_all_the_same(self, run: Path) -> None:
        (run / "results.json").unlink()
        assert {(test.name, test.outcome) for test in read_tests(run)} == {
            ("tests_test_x.py_test_saved_C", NOT_FINISHED),
            ("tests_test_x.py_test_other", NOT_FINISHED),
        }
        assert "not finished" in render(run)

    def test_a_capture_that_cannot_be_read_leaves_the_rest_of_the_page(self, run: Path) -> None:
        next(run.glob("*other/wire.pcapng")).write_bytes(b"GIF89a__")
        text = render(run)
        assert "which is no pcapng" in text
        assert "leaves with KErrDiskFull" in text

    def test_what_is_no_run_is_told(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["report", str(tmp_path)]) == ExitCode.USAGE
        assert "there is neither results.json nor the wire.pcapng of a test in" in capsys.readouterr().err
        (tmp_path / "results.json").write_text("[]")
        with pytest.raises(ArtifactError, match="are no results of a run"):
            render(tmp_path)

    @given(
        st.recursive(st.none() | st.text() | st.integers(), lambda e: st.lists(e) | st.dictionaries(st.text(), e))
    )
    def test_whatever_results_hold_it_is_read_or_told(
        self, tmp_path_factory: pytest.TempPathFactory, verdicts: object
    ) -> None:
        folder = tmp_path_factory.mktemp("run")
        (folder / "results.json").write_text(json.dumps({"verdicts": verdicts}))
        with contextlib.suppress(ArtifactError):
            assert len(read_tests(folder)) == len(cast("list[object]", verdicts))


class TestPage:
    def test_it_says_what_there_is_to_say(self, run: Path) -> None:
        page = html.fromstring(render(run))
        matrix = [" ".join(row.text_content().split()) for row in page.xpath("//table[@class='matrix']/tbody/tr")]
        assert matrix == ["test_saved[C] failed 1.50 s product", "test_other passed 1.50 s"]
        failed, passed = page.xpath("//details[contains(@class, 'test')][@id]")
        assert (failed.get("open"), passed.get("open")) == ("", None)
        assert failed.xpath(".//p[@class='reason']")[0].text == "EngineError: <b>no</b> room"
        assert "10 × GetBackupDataSectionL 0xE0F1A001, 170 B in" in failed.text_content()  # noqa: RUF001
        [bad] = failed.xpath(".//li[contains(@class, 'callback bad')]")
        assert "leaves with KErrDiskFull" in bad.text_content()
        assert not passed.xpath(".//p[@class='reason']")

    def test_what_differed_stands_side_by_side(self, run: Path) -> None:
        page = html.fromstring(render(run))
        rows = [
            (row.get("class"), *(cell.text_content() for cell in row.xpath("td")))
            for row in page.xpath("//table[@class='difference']/tbody/tr")
        ]
        assert rows[0][0] in {"same", "leap"}
        marked = [row for row in rows if row[0] not in {"same", "leap"}]
        assert marked[0] == (
            "changed",
            f"phone → owner  GetBackupDataSectionL {SID}  29 times",
            f"phone → owner  GetBackupDataSectionL {SID}  10 times",
        )
        assert any("leaves with KErrDiskFull" in row[2] for row in marked)
        assert "from run 20261101T000000Z-aaaaaa, in which it passed" in page.text_content()

    def test_it_is_made_again_from_the_artifacts(self, run: Path, capsys: pytest.CaptureFixture[str]) -> None:
        first = write_report(run).read_text()
        assert main(["report", str(run)]) == ExitCode.OK
        assert capsys.readouterr().out == f"{run / 'report.html'}\n"
        again = (run / "report.html").read_text()
        assert [line for line in again.splitlines() if "page made" not in line] == [
            line for line in first.splitlines() if "page made" not in line
        ]

    def test_nothing_in_it_leads_anywhere_but_to_the_artifacts(self, run: Path) -> None:
        page = html.fromstring(render(run))
        links = {str(link) for _, _, link, _ in page.iterlinks() if not str(link).startswith(("#", "data:,"))}
        assert links
        assert all((run / link).exists() for link in links)
        assert "default-src 'none'" in page.xpath("//meta/@content")[0]

    def test_rows_beyond_the_room_are_counted(self, run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("harness.report.page.MOST_ROWS", 15)
        page = html.fromstring(render(run))
        assert len(page.xpath("//ol[@class='rows']/li")) == 15
        failed, passed = page.xpath("//details[contains(@class, 'test')][@id]")
        assert "more are in" in failed.text_content()
        assert not passed.xpath(".//ol[@class='rows']/li")

    def test_every_run_leaves_it(self, lab_run: Path) -> None:
        page = html.fromstring((lab_run / "report.html").read_text(encoding="utf-8"))
        verdicts = json.loads((lab_run / "results.json").read_text())["verdicts"]
        assert len(page.xpath("//details[contains(@class, 'test')][@id]")) == len(verdicts) > 10
        # Callbacks and the lines of the engine's log point at each other.
        targets = page.xpath("//li[contains(@class, 'callback')]//a/@href")
        assert targets
        for target in targets:
            [line] = page.xpath(f"//li[@id='{target[1:]}']")
            callback = page.xpath(f"//a[@href='{target}']")[0].getparent().xpath("b")[0].text
            assert f"MakeCallback{callback.removesuffix('L')}" in line.text_content()


class TestEngineLog:
    CALLBACK = b"CABSession::MakeCallbackGetBackupDataSectionL() - [0xe0f1a001] Calling GetBackupDataSection\r\n"
    OTHER = b"CSBEDataOwner::ReadyState() - something it says to itself\r\n"
    LOG = b"".join(b"14/07/2010\t09:58:41\t" + line for line in (CALLBACK, OTHER, CALLBACK))

    def test_callbacks_are_found_in_their_order(self, tmp_path: Path) -> None:
        assert read_engine_log(tmp_path, whole=True) is None
        (tmp_path / "securebackup.txt").write_bytes(self.LOG)
        log = read_engine_log(tmp_path, whole=True)
        assert log is not None
        key = (str(SID), "GetBackupDataSectionL")
        assert match_callbacks(log, [key, key, key, (str(SID), "RestoreComplete")]) == [1, 3, 0, 0]
        assert [line.number for line in log.lines] == [1, 2, 3]
        matching = read_engine_log(tmp_path, whole=False)
        assert matching is not None
        assert ([line.number for line in matching.lines], matching.left_out) == ([1, 3], 1)


@given(st.lists(st.sampled_from("abcd"), max_size=40), st.lists(st.sampled_from("abcd"), max_size=40))
def test_side_by_side_nothing_is_lost_but_what_is_the_same(old: list[str], new: list[str]) -> None:
    pairs = list(pairs_of(old, new))
    for side, steps in ((1, old), (2, new)):
        shown = sum(bool(pair[side]) for pair in pairs if pair.mark != "...")
        leapt = sum(int(pair.before.split()[0]) for pair in pairs if pair.mark == "...")
        assert shown + leapt == len(steps)
    assert all(pair.mark in {"same", "..."} for pair in pairs) == (old == new)


def test_sizes_for_readers() -> None:
    assert [in_bytes(size) for size in (0, 1023, 1024, 1536 * 1024, 3 << 40)] == [
        "0 B",
        "1023 B",
        "1.0 KiB",
        "1.5 MiB",
        "3072.0 GiB",
    ]
