"""`make symbian-check` finds what it is for; on the public headers themselves where somebody has them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from device_agent.symbian import build_files, check
from tests.agent.built import need

DEF = """EXPORTS
\t_ZN4conn10CSBEClient4NewLEv @ 18 NONAME
\t_ZN4conn10CSBEClient21AllSnapshotsSuppliedLEv @ 15 NONAME
\t_ZN4conn10CSBEClient21AllSnapshotsSuppliedLER14TRequestStatus @ 117 NONAME
\t_ZN4conn3OldEv @ 19 NONAME ABSENT
\t_ZTIN4conn10CSBEClientE @ 99 NONAME ; #<TI>#
"""
SOURCE = """
class TRequestStatus;
namespace conn {
class CSBEClient {
 public:
  static CSBEClient *NewL();
  void AllSnapshotsSuppliedL();
  void AllSnapshotsSuppliedL(TRequestStatus &);
};
}
void Helper();
void Helper() {}
void Use(TRequestStatus &status) {
  Helper();
  conn::CSBEClient *client = conn::CSBEClient::NewL();
  client->%s;
}
"""


def imports_of(statement: str, folder: Path) -> set[str]:
    """What a program needs that makes this call."""
    need("g++", "nm")
    source = folder / "use.cpp"
    source.write_text(SOURCE % statement, encoding="ascii")
    compiled = folder / "use.o"
    compiler = check.Compiler(("g++",), is_arm=False)
    complaints = check.compile_source(compiler, source, build_files.Program(Path("use.mmp")), [], compiled)
    assert not complaints
    return check.undefined_symbols([compiled], "nm")


def test_a_def_file_is_read() -> None:
    exports = check.read_def(DEF, "sbeclient")
    assert exports["_ZN4conn10CSBEClient4NewLEv"] == check.Export("sbeclient", 18)
    assert exports["_ZTIN4conn10CSBEClientE"].ordinal == 99
    assert "_ZN4conn3OldEv" not in exports
    assert len(exports) == 4


def test_the_synchronous_form_is_in_every_firmware(tmp_path: Path) -> None:
    wanted = imports_of("AllSnapshotsSuppliedL()", tmp_path)
    assert wanted == {"_ZN4conn10CSBEClient4NewLEv", "_ZN4conn10CSBEClient21AllSnapshotsSuppliedLEv"}
    assert check.symbol_complaints("bkctl.exe", wanted, check.read_def(DEF, "sbeclient")) == []


def test_an_import_that_came_later_is_found(tmp_path: Path) -> None:
    wanted = imports_of("AllSnapshotsSuppliedL(status)", tmp_path)
    (complaint,) = check.symbol_complaints("bkctl.exe", wanted, check.read_def(DEF, "sbeclient"))
    assert "ordinal 117 of sbeclient" in complaint
    # Other libraries have no such limit.
    assert check.symbol_complaints("bkctl.exe", wanted, check.read_def(DEF, "euser")) == []


def test_ordinal_113_is_the_last() -> None:
    for ordinal, sound in ((113, True), (114, False)):
        exports = {"x": check.Export("sbeclient", ordinal)}
        assert (check.symbol_complaints("bkctl.exe", {"x"}, exports) == []) is sound


def test_a_symbol_that_no_library_has_is_found(tmp_path: Path) -> None:
    wanted = imports_of("AllSnapshotsSuppliedL()", tmp_path)
    exports = {"_ZN4conn10CSBEClient4NewLEv": check.Export("sbeclient", 18)}
    (complaint,) = check.symbol_complaints("bkctl.exe", wanted, exports)
    assert "_ZN4conn10CSBEClient21AllSnapshotsSuppliedLEv is exported by none" in complaint


def test_a_missing_def_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(check.Unusable, match=r"no c32u\.def in .* see README\.md"):
        check.exports_of(["c32.lib"], tmp_path)


def test_the_def_file_of_the_phones_abi_is_found_whatever_its_case(tmp_path: Path) -> None:
    for folder, text in (("EABI", DEF), ("bwins", "EXPORTS\n"), ("xbmarm", "EXPORTS\n")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "sbeclientU.DEF").write_text(text, encoding="ascii")
    assert len(check.exports_of(["sbeclient.lib"], tmp_path)) == 4


def test_without_headers_nothing_is_said_to_be_checked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert check.main([]) == 2
    assert "no headers given, so nothing was checked" in capsys.readouterr().err
    need("g++")
    assert check.main(["--compiler", "g++", str(tmp_path)]) == 2
    assert "holds gcce/gcce.h" in capsys.readouterr().err


def test_an_unknown_keyword_in_an_mmp_is_not_skipped(tmp_path: Path) -> None:
    mmp = tmp_path / "x.mmp"
    mmp.write_text("TARGET x.exe\nSTATICLIBRARY y.lib // of old\n", encoding="ascii")
    with pytest.raises(ValueError, match="STATICLIBRARY is not understood"):
        build_files.read_program(mmp)


@pytest.mark.timeout(600)
def test_the_layer_is_sound_against_the_public_headers(capsys: pytest.CaptureFixture[str]) -> None:
    headers, defs = os.environ.get("SYMHIL_SYMBIAN_HEADERS"), os.environ.get("SYMHIL_SYMBIAN_DEFS")
    if not headers:
        pytest.skip("SYMHIL_SYMBIAN_HEADERS names no folders with the public Symbian headers")
    arguments = [*headers.split(os.pathsep), *(["--defs", defs] if defs else [])]
    assert check.main(arguments) == 0, capsys.readouterr().out
