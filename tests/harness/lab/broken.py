"""Configurations that are wrong, and the first line of what is said about each."""

from __future__ import annotations

from itertools import pairwise
from typing import Final, NamedTuple

KINDS: Final = "usb, serial, tcp, url, bluetooth, emulator, labgrid"


class Broken(NamedTuple):
    """A text and the message about it, `lab.yaml` being its name."""

    text: str | bytes
    says: str


def handset(*lines: str, name: str = "a") -> str:
    """A file with one handset and these lines in its entry; the first of them is the third of the file."""
    return f"handsets:\n  - name: {name}\n" + "".join(f"    {line}\n" for line in lines)


def link(text: str) -> str:
    """A file with one handset and this link, in the fourth line from column 9 on."""
    return handset("links:", f"  - {text}")


GOOD_LINK: Final = "links: [{emulator: {}}]"
LAUGHS: Final = "a: &a [x, x]\n" + "".join(
    f"{b}: &{b} [{', '.join([f'*{a}'] * 8)}]\n" for a, b in pairwise("abcdefg")
)

BROKEN: Final = {
    "a misspelt key": Broken(
        "handsets:\n  - nmae: n8\n    links: [{emulator: {}}]\n",
        "lab.yaml:2:5: handsets.0.name: this key is missing",
    ),
    "a misspelt key of a handset": Broken(
        handset("modell: N8", GOOD_LINK),
        "lab.yaml:3:5: handsets.0.modell: unknown key (did you mean 'model'?)",
    ),
    "a key far from all": Broken(
        handset("colour: red", GOOD_LINK),
        "lab.yaml:3:5: handsets.0.colour: unknown key; known are allow_power_cycle, allow_restore, engine, "
        "firmware, identity, links, model, name, platform, tags",
    ),
    "a misspelt key of the file": Broken(
        "handset:\n  - name: a\n", "lab.yaml:1:1: handset: unknown key (did you mean 'handsets'?)"
    ),
    "a misspelt key of a link": Broken(
        link("serial: {port: /dev/ttyACM1, boud: 9600}"),
        "lab.yaml:4:38: handsets.0.links.0.serial.boud: unknown key (did you mean 'baud'?)",
    ),
    "neither a place nor tags": Broken(
        link("labgrid: {coordinator: rack}"),
        "lab.yaml:4:9: handsets.0.links.0.labgrid: either a place or tags must be given",
    ),
    "a place and tags": Broken(
        link("labgrid: {place: n8, tags: {model: n8}}"),
        "lab.yaml:4:9: handsets.0.links.0.labgrid: either a place or tags must be given",
    ),
    "a tag that labgrid does not know": Broken(
        link("labgrid: {tags: {Model: n8}}"),
        "lab.yaml:4:26: handsets.0.links.0.labgrid.tags.Model: 'Model' does not have the form ^[a-z][a-z0-9_]+$",
    ),
    "a coordinator that is no address": Broken(
        link("labgrid: {place: n8, coordinator: 'http://rack'}"),
        "lab.yaml:4:30: handsets.0.links.0.labgrid.coordinator: 'http://rack' does not have the form "
        r"^([^\s/:]+(:\d+)?)?$",
    ),
    "labgrid as a second way": Broken(
        handset("links: [serial: /dev/ttyACM1, labgrid: n8]"),
        "lab.yaml:2:5: handsets.0: a phone of labgrid is held through its coordinator, so it can have no other "
        "link",
    ),
    "two on one place": Broken(
        handset("links: [labgrid: n8]")
        + handset("links: [labgrid: {place: n8}]", name="b").removeprefix("handsets:\n"),
        "lab.yaml:5:13: handsets.1.links.0: handset a has the same port already, at lab.yaml:3:13",
    ),
    "power of a phone that is not labgrid's": Broken(
        handset("allow_power_cycle: true", GOOD_LINK),
        "lab.yaml:2:5: handsets.0: power is switched through labgrid, so allow_power_cycle needs a labgrid link",
    ),
    "no links": Broken(handset("model: N8"), "lab.yaml:2:5: handsets.0.links: this key is missing"),
    "an empty list of links": Broken(
        handset("links: []"), "lab.yaml:3:5: handsets.0.links: there has to be at least one"
    ),
    "links that are no list": Broken(
        handset("links: /dev/ttyACM1"),
        "lab.yaml:3:5: handsets.0.links: a list is expected here, not '/dev/ttyACM1'",
    ),
    "no handsets": Broken("handsets: []\n", "lab.yaml:1:1: handsets: there has to be at least one handset"),
    "an empty file": Broken("", "lab.yaml:1:1: the file: keys with values are expected here"),
    "a list": Broken("- a\n", "lab.yaml:1:1: the file: keys with values are expected here"),
    "two of one name": Broken(
        handset(GOOD_LINK) + handset(GOOD_LINK).removeprefix("handsets:\n"),
        "lab.yaml:4:5: handsets.1.name: a handset with the name a is there already, at lab.yaml:2:5",
    ),
    "two of one identity": Broken(
        handset("identity: 0123456789ab", GOOD_LINK)
        + handset("identity: 0123456789ab", GOOD_LINK, name="b").removeprefix("handsets:\n"),
        "lab.yaml:6:5: handsets.1.identity: a handset with the identity 0123456789ab is there already, "
        "at lab.yaml:3:5",
    ),
    "two on one port": Broken(
        handset("links: [serial: /dev/ttyACM1]")
        + handset("links: [serial: {port: /dev/../dev/ttyACM1}]", name="b").removeprefix("handsets:\n"),
        "lab.yaml:5:13: handsets.1.links.0: handset a has the same port already, at lab.yaml:3:13",
    ),
    "two on one device, one of them over Bluetooth": Broken(
        handset("links: [serial: /dev/rfcomm0]")
        + handset("links: [bluetooth: /dev/rfcomm0]", name="b").removeprefix("handsets:\n"),
        "lab.yaml:5:13: handsets.1.links.0: handset a has the same port already, at lab.yaml:3:13",
    ),
    "faults that there are not": Broken(
        link("emulator: {faults: flop=1}"),
        "lab.yaml:4:20: handsets.0.links.0.emulator.faults: 'flop=1' is no fault; did you mean 'flip'?",
    ),
    "a phone behind a line that is to be started anew": Broken(
        link("tcp: {port: 7001, faults: reboot@5}"),
        "lab.yaml:4:27: handsets.0.links.0.tcp.faults: reboot happens in the phone, not on the line: "
        "an emulator link has it",
    ),
    "two on one TCP port": Broken(
        handset("links: [tcp: {port: 7001}]")
        + handset("links: [tcp: {port: 7001}]", name="b").removeprefix("handsets:\n"),
        "lab.yaml:5:13: handsets.1.links.0: handset a has the same port already, at lab.yaml:3:13",
    ),
    "two USB selectors that may mean one phone": Broken(
        handset("links: [usb: {product: 0x0334}]")
        + handset("links: [usb: {vendor: 0421, serial: '35'}]", name="b").removeprefix("handsets:\n"),
        "lab.yaml:5:13: handsets.1.links.0: handset a has the same port already, at lab.yaml:3:13",
    ),
    "one port twice": Broken(
        handset("links:", "  - serial: /dev/ttyACM1", "  - serial: /dev/ttyACM1"),
        "lab.yaml:5:9: handsets.0.links.1: this handset has the same port already, at lab.yaml:4:9",
    ),
    "a kind of link that is not known": Broken(
        link("seriell: /dev/ttyACM1"),
        f"lab.yaml:4:9: handsets.0.links.0: one of {KINDS} is expected here, 'seriell' is none of them "
        "(did you mean 'serial'?)",
    ),
    "a link of two kinds": Broken(
        link("{serial: /dev/ttyACM1, tcp: {port: 1}}"),
        f"lab.yaml:4:9: handsets.0.links.0: one of {KINDS} is expected here, 'serial and tcp' is none of them "
        "(did you mean 'serial'?)",
    ),
    "a link without a kind": Broken(
        link("/dev/ttyACM1"),
        "lab.yaml:4:9: handsets.0.links.0: keys with values are expected here, not '/dev/ttyACM1'",
    ),
    "an emulator as a second way": Broken(
        handset("links: [serial: /dev/ttyACM1, emulator: {}]"),
        "lab.yaml:2:5: handsets.0: an emulator is no second way to a phone: runs would be green without one",
    ),
    "no port": Broken(link("serial: {}"), "lab.yaml:4:9: handsets.0.links.0.serial.port: this key is missing"),
    "an empty port": Broken(
        link("serial: {port: ''}"), "lab.yaml:4:18: handsets.0.links.0.serial.port: this must not be empty"
    ),
    "a TCP port in words": Broken(
        link("tcp: {port: seventy}"),
        "lab.yaml:4:15: handsets.0.links.0.tcp.port: a whole number is expected here, not 'seventy'",
    ),
    "a TCP port too far": Broken(
        link("tcp: {port: 70000}"),
        "lab.yaml:4:15: handsets.0.links.0.tcp.port: this should be less than or equal to 65535",
    ),
    "a USB link that means any phone": Broken(
        link("usb: {vendor: 0421}"),
        "lab.yaml:4:9: handsets.0.links.0.usb: which phone it is must be said: with product, serial or port_path",
    ),
    "a vendor in words": Broken(
        link("usb: {vendor: Nokia, serial: '1'}"),
        "lab.yaml:4:15: handsets.0.links.0.usb.vendor: 'Nokia' does not have the form ^(0x)?[0-9A-Fa-f]{4}$",
    ),
    "an agent that is not known": Broken(
        link("emulator: {agent: pyton}"),
        "lab.yaml:4:20: handsets.0.links.0.emulator.agent: 'pyton' is not known here (did you mean 'python'?); "
        "known are python, core",
    ),
    "a name with a space": Broken(
        handset(GOOD_LINK, name="n 8"),
        r"lab.yaml:2:5: handsets.0.name: 'n 8' does not have the form ^[\w.-]+$",
    ),
    "a tag with a space": Broken(
        handset("tags: [usb, symbian 3]", GOOD_LINK),
        r"lab.yaml:3:17: handsets.0.tags.1: 'symbian 3' does not have the form ^[\w.-]+$",
    ),
    "neither yes nor no": Broken(
        handset(GOOD_LINK, "allow_restore: maybe"),
        "lab.yaml:4:5: handsets.0.allow_restore: yes or no is expected here, not 'maybe'",
    ),
    "an IMEI for an identity": Broken(
        handset("identity: '004401012345678'", GOOD_LINK),
        "lab.yaml:3:5: handsets.0.identity: '004401012345678' does not have the form ^([0-9a-f]{12})?$",
    ),
    "a key twice": Broken(handset("name: b", GOOD_LINK), "lab.yaml:3:5: the key 'name' is there twice"),
    "a variable that is not set": Broken(
        link("serial: '${SYMHIL_PROT}'"),
        "lab.yaml:4:9: handsets.0.links.0.serial: the environment variable SYMHIL_PROT is not set "
        "(did you mean 'SYMHIL_PORT'?)",
    ),
    "somebody else's variable": Broken(
        handset("model: ${HOME}", GOOD_LINK),
        "lab.yaml:3:5: handsets.0.model: only variables whose names begin with SYMHIL_ are put in, not HOME",
    ),
    "a variable without its end": Broken(
        handset("model: ${SYMHIL_PORT", GOOD_LINK),
        "lab.yaml:3:5: handsets.0.model: '${SYMHIL_PORT' has neither the form ${SYMHIL_NAME} nor "
        "${SYMHIL_NAME:-what else}",
    ),
    "a file that is not there": Broken(
        "include:\n  - none.yaml\n" + handset(GOOD_LINK),
        "lab.yaml:2:5: include.0: none.yaml cannot be read: No such file or directory",
    ),
    "a file that includes itself": Broken(
        "include: [lab.yaml]\n" + handset(GOOD_LINK),
        "lab.yaml:1:11: include.0: lab.yaml is there already: a file is included once, and not by itself",
    ),
    "no YAML": Broken(
        "handsets: [\n", "lab.yaml:2:1: it is no YAML: expected the node content, but found '<stream end>'"
    ),
    "a tab": Broken(
        "handsets:\n\t- name: a\n",
        "lab.yaml:2:1: it is no YAML: found character '\\t' that cannot start any token",
    ),
    "no text": Broken(b"handsets: \xff", "lab.yaml: it is no UTF-8 text: "),
    "a tag that makes objects": Broken(
        "handsets: !!python/object:os.system {}\n",
        "lab.yaml:1:11: the tag tag:yaml.org,2002:python/object:os.system is not allowed",
    ),
    "an endless alias": Broken("a: &a [*a]\n", "lab.yaml:1:4: aliases make this too large or endless"),
    "a billion laughs": Broken(LAUGHS, "lab.yaml:1:8: aliases make this too large or endless"),
    "a tower of brackets": Broken("[" * 1000, "lab.yaml: it is nested too deeply for a configuration"),
    "two documents": Broken(
        handset(GOOD_LINK) + "---\nhandsets: []\n",
        "lab.yaml:4:1: it is no YAML: but found another document",
    ),
    "too large": Broken(
        b"# " + b"x" * (1 << 20), "lab.yaml has 1048578 bytes, a configuration has at most 1048576"
    ),
}
