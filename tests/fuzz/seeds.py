"""Where the fuzzer begins: one or two good inputs for each target."""

from __future__ import annotations

from typing import Final

from wire.formats.container import pack_section
from wire.formats.serialised import SidTransfer, write_generic
from wire.layout import codec_of
from wire.protocol.frame import Header, encode_frame
from wire.protocol.handshake import LOCAL, Hello, make_hello
from wire.symbian import Drive, SecureId, TTransferDataType

_HELLO: Final = codec_of(Hello).build(make_hello(LOCAL, fingerprint=1, build="a", product="b", nonce=2))
_XML: Final = (
    '<?xml version="1.0" encoding="UTF-8"?><backup_registration version="1.0"><passive_backup>'
    '<include_directory name="\\"/><exclude name="x"/></passive_backup>'
    '<active_backup process_name="a.exe" requires_delay_to_prepare_data="yes"/><restore requires_reboot="no"/>'
    "</backup_registration>"
)
_TRANSFER: Final = SidTransfer(Drive.parse("C"), SecureId(0x20001234), TTransferDataType.EActiveBaseData)

SEEDS: Final[dict[str, list[bytes]]] = {
    "decoder": [encode_frame(Header(0x19, 1, 2, 3, 4, 5, 3, 7), b"}~x") * 2, b"~~}~"],
    "messages": [b"\x00" + _HELLO],
    "formats": [write_generic(_TRANSFER), pack_section(b"some data" * 20)],
    "registration": [_XML.encode(), _XML.replace("UTF-8", "UTF-16").encode("utf-16")],
    "log": [b"14/07/2010\t9:58:41\tCDataOwnerManager::SetBURModeL() - x\r\n" * 3],
}
