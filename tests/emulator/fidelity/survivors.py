"""Why mutants are left alive, by the function that they are in."""

from __future__ import annotations

from typing import Final

SAME: Final = "the same to the engine: None or another false value for a flag, an argument never looked at here"

REASONS: Final[dict[str, str]] = {
    "active_data.request_snapshot": SAME,
    "active_data.supply_snapshot": SAME,
    "active_data._read_proxy_count": SAME,
    "active_data._supply_to_proxies": SAME,
    "config.parse_config": "options that only harden the XML parser; a leave's code that reads as any error",
    "engine.BackupEngine._idle_expired": "arguments equal to what is left out",
    "mode.restore_complete": "a leave's code that is swallowed",
}
