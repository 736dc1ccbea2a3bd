r"""For each lint rule a file that breaks it and one that only just does not.

`¦` marks the place that the finding has to name; it is not part of the file. A file whose first character is
not `<` is the inside of a correct root element.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

MARK: Final = "¦"
SID: Final = "0AB7E57C"
OWN: Final = rf"c:\private\{SID}"


@dataclass(frozen=True)
class Case:
    """One rule, one way of breaking it.

    Attributes:
        bad: breaks the rule at the mark; without a mark at 1:1.
        good: does not.
        name: of the file.
        encoding: of the file.
        good_encoding: of the other one.
    """

    rule: str
    bad: str
    good: str
    name: str = "backup_registration.xml"
    good_name: str = "backup_registration.xml"
    encoding: str = "utf-8"
    good_encoding: str = "utf-8"

    def data(self) -> bytes:
        """The file that breaks the rule."""
        return whole(self.bad.replace(MARK, "")).encode(self.encoding)

    def good_data(self) -> bytes:
        """The file that does not."""
        return whole(self.good).encode(self.good_encoding)

    def place(self) -> tuple[int, int]:
        """Line and column of the mark."""
        before, mark, _ = whole(self.bad).partition(MARK)
        if not mark:
            return (1, 1)
        lines = before.split("\n")
        return (len(lines), len(lines[-1]) + 1)


def whole(text: str) -> str:
    """A file, also where only the inside of its root is given."""
    if (text.lstrip(f"{MARK}\ufeff \0").startswith("<") and not text.startswith("\n")) or not text:
        return text
    return f'<backup_registration version="1.0">{text}</backup_registration>'


def passive(inside: str, attributes: str = "") -> str:
    """A passive part on lines of its own."""
    return f"\n<passive_backup{attributes}>\n{inside}\n</passive_backup>\n"


def public(inside: str) -> str:
    """A public part on lines of its own."""
    return f"\n<public_backup>\n{inside}\n</public_backup>\n"


PASSIVE: Final = passive(r'<include_directory name="\"/>')
DECLARATION: Final = '<?xml version="1.0" encoding="UTF-8"?>'
ACTIVE: Final = '\n<active_backup process_name="x.exe" supports_incremental="yes"/>\n'
PROXY: Final = '\n<proxy_data_manager SID="0x10202BE9"/>\n'

CASES: Final = [
    # XML, encoding, name
    Case("BR001", "<a>¦& </a>", "<a>&amp; </a>"),
    Case("BR001", "<a b=¦yes/>", '<a b="yes"/>'),
    Case("BR001", '<a b="1"¦c="2"/>', '<a b="1" c="2"/>'),
    Case("BR001", "<a b=¦\u201cx\u201d/>", '<a b="\u201cx\u201d"/>'),
    Case("BR001", "<a><!-- x --¦ y --></a>", "<a><!-- x - - y --></a>"),
    Case("BR001", "<a/>¦\0", "<a/>\n"),
    Case("BR001", "<a/>¦\x1a", "<a/>\n"),
    Case("BR001", '<a b="1" ¦b="2"/>', '<a b="1" B="2"/>'),
    Case("BR001", '\n<passive_backup>\n¦<include_file_name = "x"/></passive_backup>', PASSIVE),
    Case("BR001", "<a><b></¦B></a>", "<a><b></b></a>"),
    Case("BR001", "<a></¦b></a>", "<a></a>"),
    Case("BR001", "<a>¦&nbsp;</a>", "<a>&#160;</a>"),
    Case("BR001", '¦<a b="x', '<a b="x"/>'),
    Case("BR001", '<!DOCTYPE a [<!ENTITY x ¦"y">]><a/>', "<!DOCTYPE a><a/>"),
    Case("BR001", "<a>¦\u00e9</a>", "<a>\u00e9</a>", encoding="latin-1"),
    Case("BR002", f" ¦{DECLARATION}<a/>", f"{DECLARATION} <a/>"),
    Case("BR002", f"<!-- c -->\n  ¦{DECLARATION}<a/>", f"{DECLARATION}<!-- c --><a/>"),
    Case("BR002", f"<a>\n¦{DECLARATION}</a>", "<a/>"),
    Case(
        "BR003",
        '\n<restore requires_reboot="no" ¦<!-- c --> />\n',
        '\n<restore requires_reboot="no"/><!-- c -->\n',
    ),
    Case("BR004", "\n¦<system_backup>\n", "\n<system_backup/>\n"),
    Case("BR004", '¦<backup_registration version="1.0">', '<backup_registration version="1.0"/>'),
    Case("BR004", "<a>¦<b></a>", "<a><b/></a>"),
    Case("BR005", "", "<a/>"),
    Case("BR006", '<?xml version="1.0" encoding="¦UTF-16"?><a/>', '<?xml version="1.0" encoding="UTF-8"?><a/>'),
    Case("BR006", '<?xml version="1.0" encoding="¦UTF-8"?><a/>', "<a/>", encoding="utf-16"),
    Case(
        "BR007",
        '<?xml version="1.0" encoding="¦windows-1252"?><a/>',
        '<?xml version="1.0" encoding="us-ascii"?><a/>',
    ),
    Case(
        "BR007",
        '<?xml version="1.0" encoding="¦no-such"?><a/>',
        '<?xml version="1.0" encoding="iso-8859-1"?><a/>',
    ),
    Case("BR008", "<a/>", "<a/>", encoding="utf-16"),
    Case("BR008", "<a/>", "<a/>", encoding="utf-8-sig"),
    Case("BR009", "<!DOCTYPE a¦><a/>", "<a/>"),
    Case("BR010", "<a/>", "<a/>", name="backup_registration.xml.txt", good_name="Backup_Registration_2.XML"),
    Case("BR011", "<a/>", "<a/>", name="backup_registration_more.xml"),
    Case(
        "BR012",
        "<a/>",
        "<a/>",
        name="private/0x1234/backup_registration.xml",
        good_name=f"private/{SID}/backup_registration.xml",
    ),
    Case(
        "BR012",
        "<a/>",
        "<a/>",
        name="private/00001234/backup_registration.xml",
        good_name=f"Private/{SID.lower()}/backup_registration.xml",
    ),
    # Structure
    Case("BR101", "¦<registration><system_backup/></registration>", "<Backup_Registration/>"),
    Case("BR102", '<backup_registration ¦version="1"/>', '<backup_registration version="1.0"/>'),
    Case("BR103", '¦<backup_registration version="9" x=""/>', "<backup_registration/>"),
    Case("BR104", "\n¦<pasive_backup/>\n", PASSIVE),
    Case("BR104", "\n¦<midlet_suite/>\n", "\n<SYSTEM_backup/>\n"),
    Case("BR105", passive('¦<Include_File name="x"/>'), passive('<include_file name="x"/>')),
    Case("BR106", "\n¦<System_Backup/>\n", "\n<system_backup/>\n"),
    Case("BR106", '\n<restore ¦Requires_Reboot="no"/>\n', '\n<proxy_data_manager sid="1"/>\n'),
    Case(
        "BR107",
        '\n¦<Public_Backup>\n</Public_Backup>\n<include_file name="c:\\x"/>\n',
        '\n<Public_Backup>\n<include_file name="c:\\x"/></Public_Backup>\n<passive_backup/>',
    ),
    Case("BR108", '\n<include_file ¦name="x"/>\n', passive('<include_file name="x"/>')),
    Case("BR109", "\n¦<restore/>\n", "\n<restore/>\n", name="backup_registration_2.xml"),
    Case("BR109", f"\n¦{ACTIVE.strip()}\n", ACTIVE, name="backup_registration_2.xml"),
    Case(
        "BR110",
        '\n¦<passive_backup base_backup_only="yes"/>\n',
        "\n<passive_backup/>\n",
        name="backup_registration_2.xml",
        good_name="backup_registration_2.xml",
    ),
    Case(
        "BR111",
        '¦<backup_registration version="1.0"><restore requires_reboot="yes"/></backup_registration>',
        "\n<system_backup/>\n",
    ),
    Case("BR112", '\n¦<passive_backup><exclude name="x"/></passive_backup>\n', PASSIVE),
    Case("BR113", "\n<system_backup/>\n¦<system_backup/>\n", PROXY + '<proxy_data_manager SID="1"/>'),
    Case("BR114", "\n<passive_backup>¦<system_backup/></passive_backup>\n", passive('<exclude name="x"/>')),
    Case(
        "BR114",
        "\n<x>¦<system_backup/></x>\n",
        passive('<include_directory name="x"><exclude name="y"/></include_directory>'),
    ),
    Case("BR115", "\n<restore/>\n¦<system_backup/>\n", "\n<system_backup/>\n<restore/>\n"),
    Case(
        "BR116",
        "\n<system_backup>\n  ¦yes, all\nof it</system_backup>\n",
        "\n<system_backup> </system_backup>\n",
    ),
    # Attributes
    Case("BR201", '\n<restore ¦requires_reboot="true"/>\n', '\n<restore requires_reboot="yes"/>\n'),
    Case("BR201", '\n<active_backup process_name="x"\n  ¦supports_incremental="TRUE"/>\n', ACTIVE),
    Case("BR202", '\n<restore ¦requires_reboot="Yes"/>\n', '\n<restore requires_reboot="yes"/>\n'),
    Case("BR202", '\n<restore ¦requires_reboot=" yes"/>\n', '\n<restore requires_reboot="no"/>\n'),
    Case("BR203", "\n¦<active_backup/>\n", ACTIVE),
    Case("BR203", '\n¦<active_backup process_name=""/>\n', '\n<active_backup PROCESS_NAME="x"/>\n'),
    Case(
        "BR203",
        '\n<active_backup ¦process_name="..\\..\\sys\\bin\\x.exe"/>\n',
        '\n<active_backup process_name="z:\\sys\\bin\\x..exe"/>\n',
    ),
    Case("BR203", '\n<active_backup ¦process_name="a*.exe"/>\n', '\n<active_backup process_name=".x"/>\n'),
    Case(
        "BR204",
        f'\n<active_backup ¦process_name="{"x" * 129}"/>\n',
        f'\n<active_backup process_name="{"x" * 128}"/>\n',
    ),
    Case("BR205", f'\n¦<active_backup process_name="x"/>{PROXY}', ACTIVE + PROXY),
    Case("BR206", '\n<active_backup ¦active_type="proxy"/>\n', '\n<active_backup active_type="ProxyOnly"/>\n'),
    Case(
        "BR207",
        '\n<active_backup ¦callback_delay_time="5s"/>\n',
        '\n<active_backup callback_delay_time="5000000"/>\n',
    ),
    Case(
        "BR207",
        '\n<active_backup ¦callback_delay_time="200"/>\n',
        '\n<active_backup callback_delay_time="0200000000"/>\n',
    ),
    Case(
        "BR207",
        '\n<active_backup ¦callback_delay_time="0"/>\n',
        '\n<active_backup callback_delay_time="1000000"/>\n',
    ),
    Case("BR208", '\n<passive_backup ¦delete="yes"/>\n', '\n<passive_backup delete_before_restore="yes"/>\n'),
    Case("BR208", '\n<system_backup ¦x=""/>\n', '\n<dbms_backup database="x"/>\n'),
    Case("BR208", passive('<exclude name="x" ¦y=""/>'), passive('<exclude name="x"/>')),
    Case("BR209", passive("¦<include_directory/>"), passive('<include_directory name="x"/>')),
    Case("BR210", passive('<exclude ¦path="x"/>'), passive('<exclude Name="x"/>')),
    Case("BR211", passive('<include_file ¦name=""/>'), passive(r'<include_file name="\"/>')),
    Case("BR212", "\n¦<proxy_data_manager/>\n", PROXY),
    Case("BR213", '\n<proxy_data_manager ¦uid="1" sid="1"/>\n', '\n<proxy_data_manager SID="1" uid="1"/>\n'),
    Case("BR214", '\n<proxy_data_manager ¦SID="zz"/>\n', PROXY),
    Case("BR214", '\n<proxy_data_manager ¦SID="0X12"/>\n', '\n<proxy_data_manager SID="0x12"/>\n'),
    Case("BR214", '\n<proxy_data_manager ¦SID="0x123456789"/>\n', '\n<proxy_data_manager SID="12345678"/>\n'),
    Case("BR215", f'\n<proxy_data_manager ¦SID="{SID}"/>\n', PROXY),
    Case("BR217", '\n<dbms_backup ¦policy="0xE0123456"/>\n', '\n<dbms_backup policy="E0123456"/>\n'),
    Case("BR218", '\n<dbms_backup ¦policy=""/>\n', '\n<dbms_backup policy="1"/>\n'),
    Case("BR218", '\n<dbms_backup ¦policy="12g"/>\n', '\n<dbms_backup policy="00000012"/>\n'),
    Case("BR218", '\n<dbms_backup ¦policy="123456789"/>\n', '\n<dbms_backup policy="0x12"/>\n'),
    Case("BR218", "\n¦<dbms_backup/>\n", '\n<dbms_backup Policy="1"/>\n'),
    Case("BR219", '\n<dbms_backup ¦database="x" policy="1"/>\n', '\n<dbms_backup policy="1"/>\n'),
    Case("BR220", "\n¦<cenrep_backup/>\n", PROXY),
    Case("BR221", '\n¦<restore requires_reboot="no" x=""/>\n', '\n<restore x=""/>\n'),
    Case("BR222", '\n<restore ¦requires_reboot="yes"/>\n', '\n<restore requires_reboot="true"/>\n'),
    Case(
        "BR223",
        '\n<public_backup ¦delete_before_restore="yes"/>\n',
        '\n<public_backup delete_before_restore="no"/>\n',
    ),
    Case("BR224", '\n<active_backup ¦requires_delay_to_prepare_data="no"/>\n', ACTIVE),
    Case("BR225", '\n¦<passive_backup supports_selective="yes"/>\n', PASSIVE + ACTIVE),
    Case(
        "BR225",
        '\n¦<active_backup supports_selective="yes"/>\n',
        '\n<passive_backup supports_selective="yes"/><active_backup supports_selective="yes"/>\n',
    ),
    Case("BR226", f'\n¦<passive_backup base_backup_only="yes"/>{ACTIVE}', PASSIVE + ACTIVE),
    Case(
        "BR227",
        '\n<passive_backup ¦delete_before_restore="yes"/>\n',
        '\n<passive_backup delete_before_restore="no"/>\n',
    ),
    # Paths
    Case("BR301", passive(r'<include_file ¦name="c:\data\x"/>'), public(r'<include_file name="c:\data\x"/>')),
    Case("BR301", passive(r'<include_file ¦name="\\?\c:\x"/>'), passive(r'<include_file name="con"/>')),
    Case(
        "BR302",
        passive(rf'<include_file ¦name="{OWN}\x"/>'),
        passive(rf'<include_file name="\private\{SID}\x"/>'),
    ),
    Case(
        "BR303",
        passive(r'<include_file ¦name="c:\private\12345678\x"/>'),
        passive(rf'<include_file name="{OWN}\x"/>'),
    ),
    Case(
        "BR303",
        passive(r'<include_file ¦name="\private\12345678\x"/>'),
        passive(r'<include_file name="\private\x"/>'),
    ),
    Case("BR304", public(r'<include_file ¦name="\data\x"/>'), public(r'<include_file name="c:\data\x"/>')),
    Case(
        "BR305",
        public(r'<include_directory ¦name="c:\system\data"/>'),
        public(r'<include_file name="c:\systems\x"/>'),
    ),
    Case("BR305", public(rf'<include_file ¦name="{OWN}\x"/>'), public(rf'<exclude name="{OWN}\x"/>')),
    Case(
        "BR306",
        public(r'<include_file ¦name="c:\data\..\x"/>'),
        public(r'<include_file name="c:\data\..x"/>'),
    ),
    Case(
        "BR306",
        passive(r'<include_directory ¦name="..\12345678\"/>'),
        passive(r'<include_directory name="a..b\"/>'),
    ),
    Case("BR307", public(r'<include_file ¦name="!:\x"/>'), passive(r'<include_file name="!\x"/>')),
    Case("BR308", public(r'<include_file ¦name="?:\x"/>'), public(r'<include_file name="!:\x"/>')),
    Case("BR308", public(r'<include_file ¦name="con:\x"/>'), public(r'<include_file name="z:\x"/>')),
    Case("BR309", passive(r'<include_file ¦name="*.txt"/>'), passive(r'<exclude name="*.txt"/>')),
    Case("BR309", public(r'<exclude ¦name="c:\*.txt"/>'), public(r'<include_file name="?:\x"/>')),
    Case("BR310", passive(r'<include_file ¦name="a/b"/>'), passive(r'<include_file name="a\b"/>')),
    Case("BR310", public('<include_file ¦name="c:\\a&lt;b"/>'), public('<include_file name="c:\\a&amp;b"/>')),
    Case("BR311", passive(r'<exclude ¦name="\cache\"/>'), passive(r'<exclude name="\cache"/>')),
    Case(
        "BR312",
        passive(r'<include_directory name="a\"/><exclude ¦name="b\x"/>'),
        passive(r'<include_directory name="a\"/><exclude name="a\x"/>'),
    ),
    Case(
        "BR312",
        passive(r'<include_file name="a\x"/><exclude ¦name="b*"/>'),
        passive(r'<include_file name="a\x"/><exclude name="a*"/>'),
    ),
    Case(
        "BR312",
        passive(r'<include_file name="a\x"/><exclude ¦name="b"/>'),
        passive(r'<include_file name="a\x"/><exclude name="*b"/>'),
    ),
    Case(
        "BR312",
        public(r'<include_file name="c:\x"/><exclude ¦name="d:\x"/>'),
        public(r'<include_directory name="c:\x"/><exclude name="C:\X\y"/>'),
    ),
    Case("BR313", public(r'<include_directory ¦name="e:"/>'), public(r'<include_directory name="e:\a"/>')),
    Case("BR314", passive(f'<exclude ¦name="{"x" * 257}"/>'), passive(f'<exclude name="{"x" * 238}"/>')),
    Case("BR314", passive(f'<exclude ¦name="{"x" * 239}"/>'), passive(f'<exclude name="\\{"x" * 238}"/>')),
    Case(
        "BR315",
        passive(r'<include_file ¦name="\NoBackup\x"/>'),
        passive(r'<include_file name="\a\NoBackup\x"/>'),
    ),
    Case("BR315", passive(r'<include_directory name="\"/><exclude ¦name="\nobackup"/>'), PASSIVE),
    Case(
        "BR316",
        public(r'<include_directory name="c:\x"/><exclude ¦name="c:\x\y"/>'),
        public(r'<include_file name="c:\x\y"/><exclude name="c:\x\y"/>'),
    ),
    Case("BR317", passive(r'<include_directory ¦name="x"/>'), passive(r'<include_directory name="x\"/>')),
    Case(
        "BR318",
        passive(r'<include_directory name="x\"/><include_file ¦name="X\y"/>'),
        passive(r'<include_directory name="x\"/><include_file name="xy"/>'),
    ),
    Case(
        "BR318",
        public(r'<include_file name="c:\x"/><include_file ¦name="C:\X"/>'),
        public(r'<include_file name="c:\x"/><include_file name="d:\x"/>'),
    ),
]
