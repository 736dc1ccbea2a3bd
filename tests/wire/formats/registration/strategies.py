"""Registrations and registration files for property tests."""

from __future__ import annotations

from hypothesis import strategies as st

from wire.formats.registration import (
    ActiveBackup,
    PassiveBackup,
    PublicBackup,
    Registration,
    Selection,
)
from wire.formats.registration.paths import expand_passive
from wire.formats.registration.writer import write_registration
from wire.symbian import SecureId, TActiveBackupType

# Everything that XML can carry. Lone surrogates and most control characters are not among it.
_CHARACTERS = st.one_of(
    st.sampled_from("\\:.*?!\"<>&'\t\n\r \u0130\U0001f600abcABC019"),
    st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff"),
)

secure_ids = st.integers(0, 0xFFFFFFFF).map(SecureId)
texts = st.text(_CHARACTERS, max_size=60)


@st.composite
def _passive_paths(draw: st.DrawFn, sid: SecureId) -> str:
    """Also ones that name the private directory twice, or in capitals."""
    own = sid.private_directory
    head = draw(st.sampled_from([own, own.upper()]))
    path = head + draw(texts) + draw(st.sampled_from(["", "\\", own, ":"]))
    expanded = expand_passive(path, sid)
    assert expanded is not None
    return expanded


def _selections(paths: st.SearchStrategy[str]) -> st.SearchStrategy[tuple[Selection, ...]]:
    return st.lists(st.builds(Selection, paths, st.booleans()), max_size=4).map(tuple)


_ACTIVE = st.builds(
    ActiveBackup,
    process_name=texts,
    requires_delay_to_prepare_data=st.booleans(),
    supports_selective=st.booleans(),
    supports_incremental=st.booleans(),
    active_type=st.sampled_from(TActiveBackupType),
    callback_delay_time_us=st.one_of(st.just(200_000_000), st.integers(1, 0x7FFFFFFF)),
)
_PUBLIC = st.builds(
    PublicBackup,
    delete_before_restore=st.booleans(),
    selections=_selections(st.tuples(st.sampled_from(["c:\\", "!:\\", "?:", ":"]), texts).map("".join)),
)


@st.composite
def registrations(draw: st.DrawFn) -> Registration:
    """Any owner that one primary file can express."""
    sid = draw(secure_ids)
    policies = tuple(draw(st.lists(st.one_of(st.none(), st.integers(0, 0xFFFFFFFF)), max_size=3)))
    passive = st.builds(
        PassiveBackup,
        supports_selective=st.booleans(),
        delete_before_restore=st.booleans(),
        base_backup_only=st.booleans(),
        selections=_selections(_passive_paths(sid)),
    )
    return Registration(
        sid=sid,
        active=draw(st.none() | _ACTIVE),
        passive=draw(passive if policies else st.none() | passive),
        public=draw(st.none() | _PUBLIC),
        has_system_files=draw(st.booleans()),
        requires_reboot=draw(st.booleans()),
        proxies=tuple(draw(st.lists(secure_ids.filter(lambda s: s != sid), max_size=4, unique=True))),
        dbms_policies=policies,
    )


_PIECES = (
    *(f"<{name}>" for name in ("backup_registration", "passive_backup", "public_backup", "Public_Backup")),
    *(f"</{name}>" for name in ("backup_registration", "passive_backup", "public_backup", "Public_Backup")),
    *("<include_file ", "<include_directory ", "<exclude ", "<active_backup ", "<restore ", "<dbms_backup "),
    *(
        "<proxy_data_manager ",
        "<system_backup/>",
        "<cenrep_backup/>",
        "/>",
        "<",
        ">",
        "&",
        "]]>",
        "\x00",
        "\x1a",
    ),
    *(
        'name="',
        "name='c:\\x'",
        'SID="0x1"',
        'policy="1"',
        "version='1.0'",
        "process_name='x'",
        'xmlns:a="b" ',
        "a:",
    ),
    *(
        "<!-- ",
        " -->",
        "<![CDATA[",
        "<?xml version='1.0' encoding='",
        "<!DOCTYPE a [",
        "<!ENTITY x 'y'>",
        "]>",
        "&x;",
    ),
    *('"', "'", "\\", " ", "\n", "&#65;", "&#0;", "\u00e9", "\ufeff", "x" * 260),
)


@st.composite
def files(draw: st.DrawFn, encodings: tuple[str, ...] = ("utf-8", "utf-16", "utf-16-be", "latin-1")) -> bytes:
    """A correct file, or some pieces of one, with a few things cut out, put in or turned around."""
    text = draw(
        st.one_of(
            registrations().map(lambda r: write_registration(r).decode()),
            st.lists(st.sampled_from(_PIECES), max_size=12).map("".join),
        )
    )
    for _ in range(draw(st.integers(0, 4))):
        start = draw(st.integers(0, len(text)))
        end = draw(st.integers(start, min(len(text), start + 20)))
        text = text[:start] + draw(st.sampled_from(("", text[start:end] * 2, *_PIECES))) + text[end:]
    data = bytearray(text.encode(draw(st.sampled_from(encodings)), errors="replace"))
    for _ in range(draw(st.integers(0, 2))):
        if data:
            data[draw(st.integers(0, len(data) - 1))] = draw(st.integers(0, 255))
    return bytes(data)
