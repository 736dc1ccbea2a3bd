"""The RELAX NG schema of the strict form, for editors and for other tools."""

from __future__ import annotations

from importlib import resources

from lxml import etree

from harness.registration.recover import safe_parser


def schema_bytes() -> bytes:
    """The schema file as it is shipped, in XML syntax."""
    return resources.files("harness").joinpath("data", "backup_registration.rng").read_bytes()


def schema_problems(data: bytes) -> list[tuple[int, str]]:
    """Where a file differs from the strict form: lines and messages. Nothing for one that conforms.

    The phone does not ask for the strict form, so this is no verdict.
    """
    schema = etree.RelaxNG(etree.fromstring(schema_bytes(), safe_parser()))
    try:
        document = etree.fromstring(data, safe_parser())
    except etree.XMLSyntaxError as error:
        return [(error.lineno or 1, error.msg or "not well-formed")]
    if document.getroottree().docinfo.doctype:
        return [(1, "a DOCTYPE is not part of the strict form")]
    schema.validate(document)
    return [(entry.line, entry.message) for entry in schema.error_log]
