"""Registration files of the owners on board, in the spirit of the public suite's (Test plan 1).

Written for this project. Where the suite's own file has an oddity, ours has the same one, since the oddity is
what the owner is there for.
"""

from __future__ import annotations

from typing import Final

from wire.symbian import CENTRAL_REPOSITORY_SID, SecureId

_HEAD: Final = '<?xml version="1.0" encoding="{encoding}" standalone="yes"?>\r\n'

CLIENT_1: Final = SecureId(0x0AB7E57C)
PROXIED: Final = SecureId(0x0AB7E57D)
CLIENT_2: Final = SecureId(0x0AB7E57E)
CLIENT_3: Final = SecureId(0x0AB7E58A)
CLIENT_4: Final = SecureId(0x0AB7E58B)
COMPLICATED: Final = SecureId(0x0AB7E58C)
PUBLIC_FILES: Final = SecureId(0x0FA00001)
PASSIVE: Final = SecureId(0x10005399)
TUTORIAL: Final = SecureId(0xE0F1A001)
SLOTS: Final = tuple(SecureId(0xE0F1B001 + index) for index in range(4))

_BODIES: Final[dict[SecureId, str]] = {
    CLIENT_1: """<backup_registration version="1.0">
  <active_backup process_name="abtestclient.exe" requires_delay_to_prepare_data="yes"
                 supports_incremental="yes" active_type="activeandproxy"/>
  <restore requires_reboot="yes"/>
</backup_registration>""",
    PROXIED: """<backup_registration version="1.0">
  <proxy_data_manager SID="0x10202BE9"/>
  <restore requires_reboot="yes"/>
</backup_registration>""",
    CLIENT_2: """<backup_registration version="1.0">
  <active_backup process_name="abtestclient2.exe" requires_delay_to_prepare_data="yes"
                 supports_incremental="no" active_type="activeonly"/>
  <restore requires_reboot="yes"/>
</backup_registration>""",
    # Its proxy is itself, which the engine ignores.
    CLIENT_3: """<backup_registration version="1.0">
  <active_backup process_name="abtestclient3.exe" requires_delay_to_prepare_data="yes"
                 supports_incremental="no" supports_selective="no" active_type="activeonly"/>
  <proxy_data_manager SID="0x0AB7E58A"/>
  <restore requires_reboot="yes"/>
</backup_registration>""",
    # An unknown attribute, databases of several kinds, a proxy that cannot be read: none of it does harm.
    CLIENT_4: """<backup_registration version="1.0">
  <active_backup process_name="abtestclient4.exe" requires_delay_to_prepare_data="yes"
                 supports_incremental="no" active_type="activeonly" colour="blue"/>
  <dbms_backup policy="0AB7E58B"/>
  <dbms_backup policy=""/>
  <dbms_backup strength="weak"/>
  <proxy_data_manager SID="not a number"/>
  <restore requires_reboot="yes"/>
</backup_registration>""",
    COMPLICATED: r"""<backup_registration version="1.0">
  <passive_backup base_backup_only="yes" supports_selective="perhaps">
    <include_directory name="\data"/>
    <include_directory name="settings\"><exclude name="settings\temporary"/></include_directory>
    <include_file name="single.dat"/>
    <include_file name="c:\private\0ab7e58c\with_drive.dat"/>
    <include_file name="d:\elsewhere\x.dat"/>
    <include_file name="\..\outside.dat"/>
    <include_file name=""/>
    <exclude name="\data\*.tmp"/>
    <exclude name="never\matched"/>
  </passive_backup>
  <public_backup delete_before_restore="no">
    <include_directory name="c:\sbetest\"/>
    <include_file name="c:\sbetest1.txt"/>
    <include_file name="c:\sbetest2.txt"/>
    <include_file name="\without_drive.txt"/>
    <include_file name="?:\never.txt"/>
  </public_backup>
  <dbms_backup/>
  <dbms_backup database="old" policy="10005399"/>
  <system_backup/>
  <proxy_data_manager UID="0x10202BE9"/>
  <restore requires_reboot="no"/>
</backup_registration>""",
    PUBLIC_FILES: r"""<backup_registration version="1.0">
  <passive_backup>
    <include_directory name="\"/>
  </passive_backup>
  <public_backup>
    <include_directory name="c:\public\0FA00001\"/>
  </public_backup>
  <restore requires_reboot="no"/>
</backup_registration>""",
    PASSIVE: r"""<backup_registration version="1.0">
  <passive_backup>
    <include_directory name="\"/>
  </passive_backup>
  <restore requires_reboot="no"/>
</backup_registration>""",
    CENTRAL_REPOSITORY_SID: """<backup_registration version="1.0">
  <active_backup process_name="centralrepositorysrv.exe" active_type="proxyonly"/>
</backup_registration>""",
    TUTORIAL: """<backup_registration version="1.0">
  <active_backup process_name="referencetestdataowner.exe" requires_delay_to_prepare_data="yes"
                 supports_incremental="yes" active_type="activeonly"/>
  <restore requires_reboot="no"/>
</backup_registration>""",
    SLOTS[0]: """<backup_registration version="1.0">
  <active_backup process_name="bkowner1.exe" supports_incremental="yes" active_type="activeonly"
                 callback_delay_time="200000000"/>
</backup_registration>""",
    SLOTS[1]: """<backup_registration version="1.0">
  <active_backup process_name="bkowner2.exe" supports_incremental="no" active_type="activeonly"/>
</backup_registration>""",
    SLOTS[2]: """<backup_registration version="1.0">
  <active_backup process_name="bkowner3.exe" supports_incremental="yes" active_type="activeandproxy"/>
</backup_registration>""",
    # Slot 4 is active itself and has slot 3 for a proxy.
    SLOTS[3]: f"""<backup_registration version="1.0">
  <active_backup process_name="bkowner4.exe" supports_incremental="yes" active_type="activeonly"/>
  <proxy_data_manager SID="{SLOTS[2]}"/>
</backup_registration>""",
}

_UTF16: Final = frozenset({CLIENT_1, CLIENT_2, CLIENT_3, CLIENT_4})
"""The suite's active owners have UTF-16 files, and so do ours."""


def registration_of(sid: SecureId) -> bytes:
    """The registration file of an owner on board, byte for byte."""
    encoding = "UTF-16" if sid in _UTF16 else "UTF-8"
    text = _HEAD.format(encoding=encoding) + _BODIES[sid].replace("\n", "\r\n") + "\r\n"
    return b"\xff\xfe" + text.encode("utf-16-le") if sid in _UTF16 else text.encode()
