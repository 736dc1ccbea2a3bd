"""`python -m tests.fuzz TARGET SECONDS`: coverage-guided fuzzing with atheris.

An input that finds something is written to build/fuzz/; once mended it belongs into tests/fuzz/found/TARGET/,
where it is tried again with every test run.
"""

from __future__ import annotations

import sys
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["wire"]):
    from tests.fuzz.seeds import SEEDS
    from tests.fuzz.targets import TARGETS

name, seconds = sys.argv[1], sys.argv[2]
corpus = Path("build/fuzz") / name
corpus.mkdir(parents=True, exist_ok=True)
for number, seed in enumerate(SEEDS[name]):
    (corpus / f"seed-{number}").write_bytes(seed)
target = TARGETS[name]
options = [
    f"-max_total_time={seconds}",
    "-max_len=4096",
    "-rss_limit_mb=1024",
    "-timeout=20",
    "-print_final_stats=1",
]
atheris.Setup([sys.argv[0], *options, f"-artifact_prefix=build/fuzz/found-{name}-", str(corpus)], target)
atheris.Fuzz()
