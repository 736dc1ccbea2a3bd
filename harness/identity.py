"""Who a phone is, without telling whose it is."""

from __future__ import annotations

import hashlib


def hashed_imei(imei: str) -> str:
    """A short name for a phone that cannot be turned back into its IMEI by looking at it.

    An IMEI identifies a person's phone, so it goes into no report and no artifact.
    """
    return hashlib.sha256(b"symhil" + imei.encode()).hexdigest()[:12]
