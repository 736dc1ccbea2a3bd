"""The registration files that the suite's scripts install, in the spirit of the originals (Test plan 1.2)."""

from __future__ import annotations


def _file(body: str) -> bytes:
    text = (
        f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<backup_registration version="1.0">\n{body}\n'
    )
    return (text + "</backup_registration>\n").replace("\n", "\r\n").encode()


MISSING_FOLDER_XML = _file(
    '  <passive_backup base_backup_only="yes">\n    <include_directory name="preserve"/>\n  </passive_backup>'
)

INVALID_PROXY_XML = _file('  <proxy_data_manager SID="0x00000000"/>\n  <dbms_backup policy="AABBCCDD"/>')

INCREMENT_XML = _file(
    "  <passive_backup>\n"
    '    <include_file name="needbackup.xml"/>\n'
    "  </passive_backup>\n"
    "  <public_backup>\n"
    '    <include_file name="c:\\publicbackup.xml"/>\n'
    "  </public_backup>"
)
