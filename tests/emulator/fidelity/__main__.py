"""`python -m tests.emulator.fidelity` writes the generated parts of docs/fidelity.md anew."""

from __future__ import annotations

from tests.emulator.fidelity.document import DOCUMENT, rewrite

DOCUMENT.write_text(rewrite(DOCUMENT.read_text(encoding="utf-8")), encoding="utf-8")
