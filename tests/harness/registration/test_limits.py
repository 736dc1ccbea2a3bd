"""Hostile files end soon, in little memory, and with a clear message."""

from __future__ import annotations

import tracemalloc
from pathlib import PurePath

import pytest

from harness.registration.fix import fix
from harness.registration.lint import lint_together
from harness.registration.subject import Subject
from wire.formats.registration.xml import MAX_SIZE

FULL = MAX_SIZE - 1000

LAUGHS = b"".join(b'<!ENTITY l%d "%s">' % (n + 1, b"&l%d;" % n * 10) for n in range(9))

HOSTILE = [
    pytest.param(b'<!DOCTYPE a [<!ENTITY l0 "ha">%s]><a b="&l9;"/>' % LAUGHS, id="billion laughs"),
    pytest.param(b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]><a>&x;</a>', id="external entity"),
    pytest.param(b'<!DOCTYPE a SYSTEM "http://127.0.0.1:9/x.dtd"><a>&x;</a>', id="external DTD"),
    pytest.param(b"x" * FULL, id="text"),
    pytest.param(b"\0" * FULL, id="NUL bytes"),
    pytest.param(b"<a>" * (FULL // 3), id="deep nesting"),
    pytest.param(b"<a>" + b"<b/>" * (FULL // 4), id="many elements"),
    pytest.param(b"<a><passive_backup>" + b'<exclude name="x*"/>' * (FULL // 20), id="many excludes"),
    pytest.param(b"<passive_backup>" + b'<include_file name="x"/>' * (FULL // 24), id="many includes"),
    pytest.param(b"<a " + b" ".join(b'x%d="1"' % n for n in range(FULL // 12)) + b"/>", id="many attributes"),
    pytest.param(b'<a b="' + b"x" * FULL + b'"/>', id="long attribute"),
    pytest.param(b"<" + b"x" * FULL + b"/>", id="long name"),
    pytest.param(b"<a" + b" <!-- c -->" * (FULL // 11), id="many comments in a tag"),
    pytest.param(b"<a>" + b"&" * FULL, id="many ampersands"),
    pytest.param(b"<a><!--" + b"-" * FULL + b"--></a>", id="many hyphens"),
    pytest.param(b'<a b="' + b"\\" * FULL, id="backslashes"),
    pytest.param(b"<a " + b"b=" * (FULL // 2), id="many signs"),
    pytest.param("\ufeff<a/>".encode("utf-16-le") * 2000 + b"\xd8", id="broken UTF-16"),
    pytest.param(b"<backup_registration>" + b"<passive_backup>" * (FULL // 16), id="many left open"),
]


@pytest.mark.parametrize("data", HOSTILE)
def test_a_hostile_file_gets_its_findings(data: bytes) -> None:
    report = lint_together([Subject(PurePath("backup_registration.xml"), data)])[0]
    assert report.findings
    assert all(len(finding.message) < 300 for finding in report.findings)
    fix(Subject(PurePath("backup_registration.xml"), data))


def test_memory_is_bounded() -> None:
    """The worst that fits the limit in size: an element in every four bytes."""
    data = b"<a>" + b"<b/>" * (FULL // 4)
    tracemalloc.start()
    try:
        lint_together([Subject(PurePath("backup_registration.xml"), data)])
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 60 * 1024 * 1024
