"""What is written is read back, and no bytes whatever raise anything but the documented error.

A few hundred examples each by default, 10,000 in `make test-long`.
"""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from tests.thorough import thoroughly, unhurried
from tests.wire.formats.registration.strategies import files, registrations
from wire.formats.registration import Registration, RegistrationError, parse_registration
from wire.formats.registration.writer import DECLARATION, write_registration
from wire.formats.registration.xml import scan
from wire.symbian import SecureId

pytestmark = unhurried

SID = SecureId(0x0AB7E57C)
EXAMPLES = 300


@thoroughly(EXAMPLES)
@given(registrations())
def test_what_is_written_is_read_back(registration: Registration) -> None:
    assert parse_registration(write_registration(registration), registration.sid) == registration


def attempt(data: bytes, *, primary: bool = True) -> Registration | RegistrationError:
    """Anything but the documented error is raised and fails the test."""
    try:
        return parse_registration(data, SID, primary=primary)
    except RegistrationError as error:
        return error


@thoroughly(EXAMPLES)
@given(files(), st.booleans())
def test_mutated_files_raise_nothing_but_the_documented_error(data: bytes, primary: bool) -> None:
    found = attempt(data, primary=primary)
    if isinstance(found, Registration):
        assert parse_registration(write_registration(found), SID) == found
    else:
        assert -1000 <= found.code < 0
        assert found.line >= 1
        assert found.column >= 1
        assert 0 <= found.offset <= len(data)


@thoroughly(EXAMPLES)
@given(st.binary(max_size=400))
def test_random_bytes_raise_nothing_but_the_documented_error(data: bytes) -> None:
    attempt(data)


@thoroughly(EXAMPLES)
@given(files(encodings=("utf-8",)))
def test_lxml_agrees_on_what_is_well_formed(data: bytes) -> None:
    """An independent parser. Only encodings, entities and limits may differ (Registration format 2.2)."""
    document = scan(data)
    # Expat takes any version in the declaration.
    is_plain = data.startswith(DECLARATION) or not data.startswith(b"<?xml")
    if not is_plain or (document.fault and document.fault.refused):
        return
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        # The phone's parser is older than the rule that a prefix has to be declared.
        about_prefixes = error.code in range(etree.ErrorTypes.NS_ERR_XML_NAMESPACE, 210)
        assert about_prefixes or document.fault is not None
    else:
        # Names may have more letters since the fifth edition of XML, which the phone's parser is older than.
        if document.fault is not None and not data.isascii():
            return
        assert document.fault is None
        names = [etree.QName(e).localname for e in root.iter() if isinstance(e.tag, str)]
        assert names == [e.name for e in document.elements]
