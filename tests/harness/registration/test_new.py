"""Files from wishes: correct ones, or a clear refusal."""

from __future__ import annotations

import re

import pytest

from harness.errors import ConfigError
from harness.registration.new import Paths, Wishes, new_file
from wire.formats.registration import (
    ActiveBackup,
    PassiveBackup,
    PublicBackup,
    Registration,
    Selection,
    parse_registration,
)
from wire.symbian import SecureId

SID = SecureId(0x0AB7E57C)
OWN = SID.private_directory


def test_wishes_come_true() -> None:
    data, report = new_file(
        Wishes(
            sid=SID,
            process_name="x.exe",
            supports_selective=True,
            passive=Paths(["\\", rf"c:\private\{SID.private_directory[9:17]}\a"], ["b"], ["cache\\", "*.tmp"]),
            delete_before_restore=True,
            public=Paths([r"c:\data\x"]),
            has_system_files=True,
            requires_reboot=True,
            proxies=[SecureId(0x10202BE9)],
            policies=["0xE0123456"],
        )
    )
    assert parse_registration(data, SID) == Registration(
        SID,
        active=ActiveBackup("x.exe", supports_selective=True),
        passive=PassiveBackup(
            supports_selective=True,
            delete_before_restore=True,
            selections=(
                Selection(OWN),
                Selection(OWN + "a\\"),
                Selection(OWN + "b"),
                Selection(OWN + "cache", include=False),
                Selection(OWN + "*.tmp", include=False),
            ),
        ),
        public=PublicBackup(selections=(Selection("c:\\data\\x\\"),)),
        has_system_files=True,
        requires_reboot=True,
        proxies=(SecureId(0x10202BE9),),
        dbms_policies=(0xE0123456,),
    )
    # What is asked for is legal and still worth a word.
    assert {f.rule.id for f in report.findings} == {"BR222", "BR227", "BR318"}


def test_an_exclude_of_the_whole_directory_stays_one() -> None:
    data, _ = new_file(Wishes(sid=SID, passive=Paths(["a"], [], ["\\"])))
    assert b'<exclude name="\\"/>' in data


@pytest.mark.parametrize(
    ("wishes", "message"),
    [
        (Wishes(process_name=""), "executable"),
        (Wishes(process_name=r"..\x.exe"), "executable"),
        (Wishes(process_name="a|b"), "executable"),
        (Wishes(process_name="x" * 129), "128"),
        (Wishes(process_name="a\x00b"), "XML"),
        (Wishes(passive=Paths([r"c:\data"])), "private directory"),
        (Wishes(passive=Paths([r"c:\private\0ab7e57c\x"])), "private directory"),
        (Wishes(passive=Paths([], [""])), "private directory"),
        (Wishes(passive=Paths([r"..\12345678"])), "BR306"),
        (Wishes(passive=Paths([r"\private\12345678"])), "BR303"),
        (Wishes(passive=Paths([], ["*.txt"])), "BR309"),
        (Wishes(passive=Paths([], ["x" * 250])), "256"),
        (Wishes(public=Paths([r"\data"])), "drive"),
        (Wishes(public=Paths([r"con:\data"])), "BR308"),
        (Wishes(public=Paths([r"\\?\c:\data"])), "BR30"),
        (Wishes(public=Paths([r"c:\system\x"])), "BR305"),
        (Wishes(public=Paths([r"c:/data"])), "BR310"),
        (Wishes(policies=["policy"]), "hexadecimal"),
        (Wishes(proxies=[SecureId(1), SecureId(1)]), "once"),
        (Wishes(sid=SID, proxies=[SID]), "another owner"),
        (Wishes(callback_delay_time_us=0, process_name="x"), "callback_delay_time"),
    ],
)
def test_what_would_not_work_is_refused(wishes: Wishes, message: str) -> None:
    with pytest.raises(ConfigError, match=re.escape(message)):
        new_file(wishes)
