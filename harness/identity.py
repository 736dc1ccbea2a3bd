"""Who a phone is, without telling whose it is; and who we are, for those who want the phone that we have."""

from __future__ import annotations

import getpass
import hashlib
import os
import re
import socket


def hashed_imei(imei: str) -> str:
    """A short name for a phone that cannot be turned back into its IMEI by looking at it.

    An IMEI identifies a person's phone, so it goes into no report and no artifact.
    """
    return hashlib.sha256(b"symhil" + imei.encode()).hexdigest()[:12]


def without_imei(text: str) -> str:
    """A text with what may be an IMEI hashed, as the serial number of a phone on USB may be one."""
    return re.sub(r"\d{14,16}", lambda match: hashed_imei(match[0][:15]), text)


def user_name() -> str:
    """Who runs this process."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a user without a name, as in containers
        return f"user {os.getuid()}"


def who_we_are() -> str:
    """`anna@pc7`: what a bridge tells others who has the phone."""
    return f"{user_name()}@{socket.gethostname()}"
