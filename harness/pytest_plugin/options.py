"""The options, all of which begin with `--hil-`, and the markers."""

from __future__ import annotations

from pathlib import Path

import pytest


def add_options(parser: pytest.Parser) -> None:
    """Options, all of them with the prefix `--hil-`."""
    group = parser.getgroup("hil", "handsets in the loop (symhil)")
    group.addoption(
        "--hil-backend",
        dest="hil_backend",
        choices=("emulator", "lab", "labgrid", "replay"),
        default="emulator",
        help="run on an emulated handset (default), on a phone of the lab, on the target of --lg-env, or on what "
        "a phone said before",
    )
    group.addoption(
        "--hil-recording",
        dest="hil_recording",
        type=Path,
        default=None,
        metavar="FILE",
        help="what to replay: the folder of a run, or what `symhil trace save` has made of it",
    )
    group.addoption(
        "--hil-config",
        dest="hil_config",
        type=Path,
        default=None,
        metavar="FILE",
        help="the lab's configuration; lab_config.yaml in the current folder if it is there",
    )
    group.addoption(
        "--hil-device",
        dest="hil_device",
        default="",
        metavar="NAME[,NAME]",
        help="the handset of the lab to use, or several",
    )
    group.addoption(
        "--hil-where",
        dest="hil_where",
        default="",
        metavar="CONDITIONS",
        help="use handsets for which this holds, as in 'platform=s60v3,tag!=slow'",
    )
    group.addoption(
        "--hil-all", dest="hil_all", action="store_true", help="run each test on every handset that it fits"
    )
    group.addoption(
        "--hil-wait",
        dest="hil_wait",
        type=float,
        default=0.0,
        metavar="SECONDS",
        help="wait so long for a handset that somebody else holds",
    )
    group.addoption(
        "--hil-reconnect",
        dest="hil_reconnect",
        type=float,
        default=5.0,
        metavar="SECONDS",
        help="wait so long for a handset that was lost to be there again (default: 5)",
    )
    group.addoption(
        "--hil-retry-lost",
        dest="hil_retry_lost",
        type=int,
        default=0,
        metavar="N",
        help="repeat a test that lost its handset up to N times (default: 0); nothing else is ever repeated",
    )
    group.addoption(
        "--hil-agent",
        dest="hil_agent",
        choices=("python", "core"),
        default="",
        help="who speaks for an emulated handset: Python, or the C++ core that real phones run",
    )
    group.addoption(
        "--hil-artifacts",
        dest="hil_artifacts",
        type=Path,
        default=None,
        metavar="DIR",
        help="leave traces, logs and results here; without it they go to pytest's temporary folder",
    )
    group.addoption(
        "--hil-resume",
        dest="hil_resume",
        action="store_true",
        help="go on with the run whose artifacts these are: leave out what was done on the same phone",
    )
    group.addoption(
        "--hil-collect-logs",
        dest="hil_collect_logs",
        action="store_true",
        help=r"make C:\logs\connect on the phone, and collect what is written there after each test",
    )


def add_markers(config: pytest.Config) -> None:
    """What `pytest --markers` shows."""
    config.addinivalue_line("markers", "case(id): the case of the engine's public test suite that this is")
    config.addinivalue_line("markers", "fault(plan): what goes wrong on the line or in the phone meanwhile")
    config.addinivalue_line(
        "markers", "handset(tags=[...], needs=[...]): what a handset must have for this test; see docs/lab.md"
    )
