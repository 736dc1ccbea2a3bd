"""Why mutants are left alive, by the function that they are in."""

from __future__ import annotations

from typing import Final

FALSE: Final = "None or another false value where only truth is looked at"
ALL_ALIKE: Final = "base data and increments are asked for alike, so that only a snapshot makes a difference"
LABEL: Final = "the word for the direction is compared with itself and with the other one only"
SNAPSHOT_BEGINS_NOT: Final = "a snapshot is not announced, whatever is said about it"
SET_BEFORE_READ: Final = "a value that is always set before it is read"

REASONS: Final[dict[str, str]] = {
    "active_data.ProxySupplies": SET_BEFORE_READ,
    "active_data._read_proxy_count": FALSE,
    "active_data._request_from_proxies": ALL_ALIKE,
    "active_data._supply_to_proxies": FALSE,
    "active_data.request_data": f"{ALL_ALIKE}; {FALSE}",
    "active_data.request_snapshot": SNAPSHOT_BEGINS_NOT,
    "active_data.supply_snapshot": SNAPSHOT_BEGINS_NOT,
    "config.parse_config": "options that only harden the XML parser; comments, which are no known element either",
    "engine.BackupEngine": "a default that the phone never uses",
    "engine.BackupEngine._define_property": "who defines the property is asked for capabilities alone",
    "engine.BackupEngine.end_itself": "Unset and its increment are 0 by any name; the timer of one that ends",
    "file_records.Outgoing.take": "whether a transfer that is just full can be the last; no source says",
    "file_records.RecordReader": SET_BEFORE_READ,
    "file_records.RecordReader._take_one": "another spelling of the encoding",
    "file_records._utf16": "another spelling of the encoding",
    "file_records.estimated_size": "the half of an even number, as a fraction",
    "file_records._clear_read_only": "the attributes of the file that is replaced are set anew in any case",
    "file_records.read_snapshot": "one that ends a byte before its last entry does; no source says what it is",
    "host_api.HostSession._hand_over": LABEL,
    "host_api.HostSession._public_files": FALSE,
    "host_api.HostSession._request_of_owner": LABEL,
    "host_api.HostSession._tell_all_snapshots_supplied": "nobody can connect while the engine sleeps (Q32)",
    "import_packages._read": "the elements that count here are not for primary files alone",
    "mode.enter_bur_mode": "a delay of 0 or of a single microsecond",
    "mode.restore_complete": "the code of a leave that is swallowed",
    "owner_list.DataOwner": SET_BEFORE_READ,
    "owner_list.DriveState": f"{FALSE}; {SET_BEFORE_READ}; increment_received, which no rule asks for (BE 11.2)",
    "package_data.PackageState": FALSE,
    "package_data._Restoring.feed": "metadata of no length, which the installer refuses",
    "package_data.request": LABEL,
    "package_data.supply": f"{LABEL}; what is left of a package that is complete",
    "passive_data.PassiveState": FALSE,
    "passive_data._is_included": "the last part of a path, found in another way",
    "passive_data._mark_requested": "base data and an increment exclude the same things",
    "passive_data.supply": "an increment comes after base data, which excludes the same things",
    "registration_log._line": "a remark on a flag without its attribute",
    "registration_log._what_is_no_sid": "a value with two prefixes; a remark without its attribute; wording",
    "session.OwnerSession": f"{FALSE}; {SET_BEFORE_READ}; message 10 before any snapshot",
    "session.OwnerSession._call_back": "a positive code, which is no error; another value for no callback",
    "splitting.request_from_owner": f"{SET_BEFORE_READ}; {FALSE}",
    "splitting.supply_to_owner": FALSE,
    "transfer.SectionDecoder": "no key, which is like none that a supply can have",
    "transfer.SectionDecoder._next_block": f"{FALSE}; a section that is a byte shorter than it says",
    "transfer.SectionDecoder._reset": f"{FALSE}; {SET_BEFORE_READ}",
}
