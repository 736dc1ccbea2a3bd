"""What the engine understands, for a reader and for a program."""

from __future__ import annotations

import json

from harness.registration.show import Understood, as_json, as_text
from wire.formats.registration import RegistrationReader
from wire.symbian import SecureId

SID = SecureId(0x0AB7E57C)
DATA = rb"""<backup_registration version="1.0">
  <passive_backup supports_selective="yes">
    <include_directory name="\"/><exclude name="cache"/><include_file name="d:\x"/>
  </passive_backup>
  <public_backup><include_file name="c:\data\x"/></public_backup>
  <active_backup process_name="x.exe" supports_selective="yes" callback_delay_time="5000000"/>
  <proxy_data_manager SID="0x10202BE9"/><proxy_data_manager SID="1"/>
  <dbms_backup policy="E0123456"/><dbms_backup policy=""/>
  <restore requires_reboot="yes"/><unknown/>
</backup_registration>"""


def understood(data: bytes, sid: SecureId | None = SID) -> Understood:
    from wire.formats.registration.xml import scan

    reader = RegistrationReader(sid or SecureId(0))
    reader.read_document(scan(data), primary=True, keep_going=True)
    return Understood(sid, ["backup_registration.xml"], reader)


def test_everything_is_shown() -> None:
    assert (
        "\n".join(as_text(understood(DATA)))
        == r"""
owner     0x0AB7E57C
files     backup_registration.xml
common    0x1b active, passive, selective, requires reboot
passive   0x05 public files, incremental
active    0x02 incremental
listed    yes
drives    all that exist, apart from excluded ones
process   x.exe
          activeonly, increments yes
          a callback may take 5 s
private   include \private\0ab7e57c\
private   exclude \private\0ab7e57c\cache
public    include c:\data\x
proxy     0x10202BE9 Central Repository
proxy     0x00000001
database  policy E0123456
database  a policy by chance
dropped   line 3: path not in the private directory: d:\x
dropped   line 9: element not known: <unknown>""".lstrip()
    )


def test_json_has_the_same() -> None:
    content = json.loads(json.dumps(as_json(understood(DATA))))
    registration = content.pop("registration")
    assert content == {
        "schema": "symhil.registration.show/1",
        "sid": "0x0AB7E57C",
        "files": ["backup_registration.xml"],
        "faults": [],
        "dropped": [
            {"line": 3, "column": 57, "kind": "path-not-recognised", "value": "d:\\x"},
            {"line": 9, "column": 35, "kind": "unknown-element", "value": ""},
        ],
    }
    assert registration["settings"] == {"common": 0x1B, "passive": 0x05, "active": 0x02}
    assert registration["active"]["process_name"] == "x.exe"
    assert registration["passive"][1] == {"path": r"\private\0ab7e57c\cache", "include": False}
    assert registration["public"] == [{"path": r"c:\data\x", "include": True}]
    assert registration["dbms_policies"] == ["E0123456", None]
    assert registration["drives"] is None


def test_an_owner_that_is_not_known_has_no_directory() -> None:
    lines = list(as_text(understood(DATA, None)))
    assert lines[0] == "owner     not known; give --sid"
    assert r"private   exclude \private\<sid>\cache" in lines


def test_public_drives_are_named() -> None:
    data = rb'<a><public_backup><include_file name="e:\x"/><include_file name="C:\y"/></public_backup></a>'
    assert "drives    C E" in list(as_text(understood(data)))
    assert as_json(understood(data))["registration"]["drives"] == ["C", "E"]


def test_why_a_file_is_of_no_use_is_said() -> None:
    lines = list(as_text(understood(b'<backup_registration version="2"><')))
    assert lines[2:] == [
        "UNUSABLE  line 1: the version has to be '1.0', this file says '2'",
        "          the engine reports -5 (KErrNotSupported: this function or variant does not exist here)",
        "UNUSABLE  line 1: the file ends inside a tag, a comment or a declaration",
        "          the engine reports -995 (XML: the file ends inside a tag, a comment or a declaration)",
    ]
    assert as_json(understood(b"<"))["registration"] is None


def test_who_only_serves_others_is_not_listed() -> None:
    lines = list(as_text(understood(b'<active_backup active_type="proxyonly"/>')))
    assert "listed    no: it only serves other owners" in lines
    assert "process   no name: it cannot be started" in lines
