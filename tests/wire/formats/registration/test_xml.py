"""Which bytes the phone's parser accepts, and the error number for those that it does not."""

from __future__ import annotations

import pytest

from wire.formats.registration.xml import MAX_SIZE, Attribute, scan

DECLARED = '<?xml version="1.0" encoding="{}"?><a/>'
BOM = "\ufeff"

# Registration format 2.3, in its order; the last column of the table there says how each was established.
DEFECTS = [
    pytest.param(b"", -997, id="empty"),
    pytest.param(b"<a><b></b>", -997, id="unclosed element at the end"),
    pytest.param(b" \r\n", -997, id="blanks only"),
    pytest.param(b"version 1.0", -998, id="text"),
    pytest.param(b"<a <!-- c --> />", -996, id="comment inside a tag"),
    pytest.param(b'<a><include_file_name = "x"/></a>', -996, id="equals sign behind the element name"),
    pytest.param(b'<a b="x & y"/>', -996, id="bare ampersand"),
    pytest.param("<a b=\u201cx\u201d/>".encode(), -996, id="typographic quotes"),
    pytest.param(b"<a><!-- x -- y --></a>", -996, id="two hyphens in a comment"),
    pytest.param(b"<a/>\0", -996, id="NUL at the end"),
    pytest.param(b"<a/>\x1a", -996, id="Ctrl-Z at the end"),
    pytest.param(b"<a b=c/>", -996, id="missing quotes"),
    pytest.param(b'<a b="x', -995, id="cut inside a tag"),
    pytest.param("<a b='\u00e9".encode()[:-1], -994, id="cut inside a character"),
    pytest.param(b"<a></A>", -993, id="end tag differs by case"),
    pytest.param(b"<a b='1' b='2'/>", -992, id="attribute twice"),
    pytest.param(b"<a/><a/>", -991, id="second root"),
    pytest.param(b"<a>&nbsp;</a>", -989, id="undefined entity"),
    pytest.param(b" " + DECLARED.format("UTF-8").encode(), -983, id="blank before the declaration"),
    pytest.param(b"<!-- c -->" + DECLARED.format("UTF-8").encode(), -983, id="comment before the declaration"),
    pytest.param(DECLARED.format("windows-1252").encode(), -982, id="encoding without a converter"),
    pytest.param(DECLARED.format("no-such").encode(), -982, id="encoding that nobody knows"),
    pytest.param(DECLARED.format("UTF-16").encode(), -981, id="8-bit file declared UTF-16"),
    pytest.param((BOM + DECLARED.format("UTF-8")).encode("utf-16-le"), -981, id="UTF-16 declared UTF-8"),
    pytest.param(b"<a b='\xe9'/>", -996, id="8-bit letter without declaration"),
    pytest.param(b"\x7fELF\x01\x01\x01\0\0\0", -996, id="binary"),
    pytest.param(b"<a b='&#xD800;'/>", -986, id="half a surrogate pair"),
    pytest.param("\ufeff<a/>".encode("utf-16-le") + b"\x00\xdc", -996, id="half a surrogate pair in UTF-16"),
    pytest.param(b"<?xml version='1.0' encoding?><a/>", -998, id="damaged declaration"),
]

ACCEPTED = [
    pytest.param(b"<a/>", id="no declaration"),
    pytest.param(DECLARED.format("UTF-8").encode(), id="declared UTF-8"),
    pytest.param((BOM + DECLARED.format("UTF-8")).encode(), id="UTF-8 with BOM"),
    pytest.param((BOM + DECLARED.format("UTF-16")).encode("utf-16-le"), id="UTF-16LE with BOM"),
    pytest.param((BOM + DECLARED.format("UTF-16")).encode("utf-16-be"), id="UTF-16BE with BOM"),
    pytest.param((BOM + "<a/>").encode("utf-16-be"), id="UTF-16 with BOM, not declared"),
    pytest.param("<a/>".encode("utf-16-le"), id="UTF-16 without BOM"),
    pytest.param(DECLARED.format("ISO-8859-1").encode() + b"<!-- \xe9 -->", id="declared Latin-1"),
    pytest.param(DECLARED.format("us-ascii").encode(), id="declared ASCII"),
    pytest.param(b"<?xml version='1.1'?><a/>", id="XML 1.1"),
    pytest.param(b"<!DOCTYPE a SYSTEM 'file:///dev/zero'><a/>", id="external DTD, which nobody opens"),
    pytest.param(b"<x:a/>", id="prefix that is not declared"),
    pytest.param(b"<a/> <!-- c --><?pi?>\r\n", id="comment behind the root"),
]


@pytest.mark.parametrize(("data", "code"), DEFECTS)
def test_a_defect_has_the_phones_error_number(data: bytes, code: int) -> None:
    fault = scan(data).fault
    assert fault is not None
    assert (fault.code, fault.refused) == (code, False)
    assert f"the phone reports {code}" in str(fault)


@pytest.mark.parametrize("data", ACCEPTED)
def test_what_the_phone_accepts_is_accepted(data: bytes) -> None:
    document = scan(data)
    assert document.fault is None
    assert [element.name for element in document.elements] == ["a"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le"])
def test_places_count_from_one_and_in_characters(encoding: str) -> None:
    text = '<a>\r\n\t<!-- \u00e9 --><b c="\u00e9" d="2"/>\r\n</a>'
    b = scan(text.encode(encoding)).elements[1]
    assert (b.line, b.column) == (2, 12)
    assert b.attributes == (Attribute("c", "\u00e9"), Attribute("d", "2"))
    assert text.encode(encoding)[b.offset :].decode(encoding).startswith("<b ")


def test_only_local_names_count_and_namespace_declarations_are_no_attributes() -> None:
    bound, unbound = (
        scan(data).elements[0] for data in (b"<x:a xmlns:x='u' xmlns='v' x:b='1'/>", b"<x:a xmlns='v' y:b='1'/>")
    )
    assert (bound.name, bound.attributes) == (unbound.name, unbound.attributes) == ("a", (Attribute("b", "1"),))


def test_elements_before_a_fault_are_kept_with_those_left_open() -> None:
    document = scan(b"<a><b><c/>")
    assert [(e.name, e.parent) for e in document.elements] == [("a", -1), ("b", 0), ("c", 1)]
    assert document.unclosed == [0, 1]


def test_attribute_defaults_of_a_doctype_count() -> None:
    document = scan(b"<!DOCTYPE a [<!ATTLIST a n CDATA 'x'>]><a m='y'/>")
    assert document.elements[0].attributes == (Attribute("m", "y"), Attribute("n", "x"))
    assert [d.text for d in document.doctypes] == ["a"]


def test_text_between_tags_is_noted_and_blanks_are_not() -> None:
    document = scan(b"<a>\n  stray\n<b/>\t</a>")
    assert [t.text for t in document.texts] == ["stray"]


LAUGHS = b"".join(b'<!ENTITY l%d "%s">' % (n + 1, b"&l%d;" % n * 10) for n in range(9))

REFUSED = [
    pytest.param(b'<!DOCTYPE a [<!ENTITY l0 "ha">%s]><a>&l9;</a>' % LAUGHS, "entity", id="billion laughs"),
    pytest.param(
        b'<!DOCTYPE a [<!ENTITY x "%s">]><a>%s</a>' % (b"A" * 9000, b"&x;" * 9000), "entity", id="quadratic"
    ),
    pytest.param(
        b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///dev/zero">]><a>&x;</a>', "entity", id="external entity"
    ),
    pytest.param(b'<!DOCTYPE a [<!ENTITY % x SYSTEM "u"> %x;]><a/>', "entity", id="parameter entity"),
    pytest.param(b"<a>" + b" " * MAX_SIZE, "bytes", id="too large"),
    pytest.param(
        b"<!DOCTYPE a [<!ATTLIST b c CDATA '%s'>]><a>%s</a>" % (b"A" * 9000, b"<b/>" * 9000),
        "attributes",
        id="attribute default repeated",
    ),
]


@pytest.mark.parametrize(("data", "word"), REFUSED)
def test_what_would_exhaust_memory_is_refused(data: bytes, word: str) -> None:
    document = scan(data)
    assert document.fault is not None
    assert (document.fault.code, document.fault.refused) == (-4, True)
    assert word in document.fault.problem
    assert len(document.elements) < 100


def test_depth_is_no_problem() -> None:
    deep = 20_000
    document = scan(b"<a>" * deep)
    assert document.fault is not None
    assert document.fault.code == -997
    assert len(document.unclosed) == deep
