"""The pytest plugin: fixtures that hold a handset, and verdicts that say whose move it is.

It is idle unless one of its fixtures is used: nothing is imported, opened or printed before. Options begin
with `--hil-`; no fixture is automatic.
"""

pytest_plugins = (
    "harness.pytest_plugin.options",
    "harness.pytest_plugin.choosing",
    "harness.pytest_plugin.workers",
    "harness.pytest_plugin.fixtures",
    "harness.pytest_plugin.live",
    "harness.pytest_plugin.verdicts",
)
