"""Elements of a file that is not XML, as lxml makes them out. Good for hints, never for a verdict."""

from __future__ import annotations

from lxml import etree

from wire.formats.registration.xml import Attribute, Document, Element, Tag


def safe_parser(*, recover: bool = False) -> etree.XMLParser:
    """A parser that opens nothing, expands nothing and has limits."""
    return etree.XMLParser(
        recover=recover,
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        attribute_defaults=False,
        huge_tree=False,
    )


def recover(data: bytes) -> Document | None:
    """What can be seen of a damaged file, or None. Lines are right, columns and offsets are not known."""
    try:
        root = etree.fromstring(data, safe_parser(recover=True))
    except etree.XMLSyntaxError:
        return None
    # lxml says None, against its type, for a file without any element.
    if root is None:
        return None  # type: ignore[unreachable]
    document = Document()
    indices: dict[etree._Element, int] = {}
    for event, node in etree.iterwalk(root, events=("start", "end")):
        if not isinstance(node.tag, str):
            continue
        if event == "end":
            document.tags.append(Tag(is_start=False, element=document.elements[indices[node]]))
            continue
        parent = node.getparent()
        element = Element(
            name=_local(node.tag),
            attributes=tuple(Attribute(_local(str(name)), str(value)) for name, value in node.attrib.items()),
            index=len(document.elements),
            parent=-1 if parent is None else indices[parent],
            line=int(node.sourceline or 1),
            column=1,
            offset=0,
        )
        indices[node] = element.index
        document.elements.append(element)
        document.tags.append(Tag(is_start=True, element=element))
    return document


def _local(name: str) -> str:
    return name.rpartition("}")[2].rpartition(":")[2]
