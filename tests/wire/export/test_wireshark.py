"""The dissector is in step with the definitions, and knows the meaning of numbers that have one."""

from __future__ import annotations

import re
from pathlib import Path

from wire.export import __main__ as command
from wire.export import wireshark
from wire.export.c_header import bodies
from wire.formats.serialised import JavaTransfer, PackageTransfer, SidTransfer
from wire.layout import codec_of
from wire.protocol.meanings import DRIVES, ERRORS, MEANINGS
from wire.protocol.messages import METHODS

COMMITTED = Path(__file__).parents[3] / "harness" / "data" / "symhil.lua"


def test_the_committed_dissector_is_in_step() -> None:
    assert command.main(["wireshark", str(COMMITTED), "--check"]) == 0


def test_every_method_and_every_field_is_in_it() -> None:
    text = wireshark.text()
    for number, method in METHODS.items():
        assert f'[{number:#06x}] = {{ name = "{method.name}"' in text
    filters = [wireshark.filter_name(body, field) for body in bodies() for field in codec_of(body).fields]
    assert len(set(filters)) == len(filters)
    for name in filters:
        assert text.count(f'filter = "{name}"') == 1
        assert re.fullmatch(r"symhil\.[a-z0-9_]+\.[a-z0-9_]+", name)


def test_meanings_belong_to_fields_and_name_tables() -> None:
    text = wireshark.text()
    layouts = [*bodies(), SidTransfer, PackageTransfer, JavaTransfer]
    fields = {f"{body.__name__}.{field}" for body in layouts for field in codec_of(body).fields}
    assert set(MEANINGS) | ERRORS | DRIVES <= fields
    for meaning in re.findall(r'meaning = "(\w+)"', text):
        assert re.search(rf"^  {meaning} = {{ ", text, re.MULTILINE), meaning


def test_the_code_that_reads_the_tables_holds_no_number_of_a_kind() -> None:
    """It must not be a second definition."""
    code = (Path(wireshark.__file__).parent / "dissector.lua").read_text(encoding="utf-8")
    assert not re.search(r"kind == \d", code)
