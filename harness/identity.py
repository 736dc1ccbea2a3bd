"""Who a phone is, without telling whose it is."""

from __future__ import annotations

import hashlib
import re


def hashed_imei(imei: str) -> str:
    """A short name for a phone that cannot be turned back into its IMEI by looking at it.

    An IMEI identifies a person's phone, so it goes into no report and no artifact.
    """
    return hashlib.sha256(b"symhil" + imei.encode()).hexdigest()[:12]


def without_imei(text: str) -> str:
    """A text with what may be an IMEI hashed, as the serial number of a phone on USB may be one."""
    return re.sub(r"\d{14,16}", lambda match: hashed_imei(match[0][:15]), text)
