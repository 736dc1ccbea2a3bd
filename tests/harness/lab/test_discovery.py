"""Who is on which port: a modem, an agent, nobody, and why; tried on pseudo-terminals that behave like them."""

from __future__ import annotations

import json
from importlib import resources
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.cli import main
from harness.emulated import EmulatedHandset
from harness.errors import LabUnavailable
from harness.identity import hashed_imei, without_imei
from harness.lab import doctor
from harness.lab.at_modem import Modem, ask_modem, read_answer, read_value
from harness.lab.config import LabConfig, load_config
from harness.lab.discovery import AttachedPhone, AttachedPort
from harness.lab.doctor import Colour
from harness.lab.hold import take
from harness.lab.probe import probe, probe_ports
from tests.harness.lab.pty_modem import ANSWERS, pty_modem

IMEI = "356938035643809"
N8 = Modem("Nokia", "Nokia N8-00", "V ICPR82_10w40.12", IMEI)
SHORT_S = 0.05
"""Long enough for who does not answer at all."""


def lab_of(path: Path, *entries: str) -> LabConfig:
    path.write_text("handsets:\n" + "".join(f"  - {entry}\n" for entry in entries), encoding="utf-8")
    return load_config(path)


# --------------------------------------------------------------------------------------------------- modems


@pytest.mark.parametrize(
    "habits",
    [
        {},
        {"echo": False},
        {"piece": 1},
        {"unasked": b"\r\n+CREG: 1\r\n\r\nRING\r\n"},
        {"answers": {**ANSWERS, "AT+CGSN": '+CGSN: "356938035643809"'}},
        {"answers": {**ANSWERS, "AT+CGSN": "IMEI 356938035643809"}},
    ],
    ids=["plain", "no echo", "byte by byte", "unsolicited", "named", "in words"],
)
def test_a_modem_says_who_it_is(habits: dict[str, object]) -> None:
    with pty_modem(**habits) as modem:
        assert ask_modem(modem.port, timeout_s=5) == N8
        assert modem.asked == ["ATE0", "AT+CGMI", "AT+CGMM", "AT+CGMR", "AT+CGSN"]  # nothing that changes anything


def test_a_modem_that_keeps_its_imei_to_itself() -> None:
    with pty_modem(answers={"AT+CGMM": "N95"}) as modem:
        assert ask_modem(modem.port, timeout_s=5) == Modem("", "N95", "", "")


def test_nobody_answers() -> None:
    with pty_modem(silent=True) as modem:
        assert ask_modem(modem.port, timeout_s=SHORT_S) is None


def test_no_port() -> None:
    with pytest.raises(LabUnavailable, match="there is no port /dev/no-such-port"):
        ask_modem("/dev/no-such-port")


@given(st.binary(max_size=300))
def test_whatever_a_modem_says_is_some_lines(data: bytes) -> None:
    value = read_value(read_answer(data, "AT+CGMM"))
    assert value.isprintable()
    assert len(value) <= 100


# --------------------------------------------------------------------------------------------------- probing


def test_an_agent_a_modem_and_nobody_each_with_its_entry(tmp_path: Path) -> None:
    with EmulatedHandset() as emulated, pty_modem() as modem, pty_modem(silent=True) as silent:
        lab = lab_of(
            tmp_path / "lab.yaml",
            f"{{name: by-port, links: [serial: {emulated.where}]}}",
            f"{{name: by-identity, identity: {hashed_imei(IMEI)}, links: [serial: /dev/no-such-port]}}",
            f"{{name: other, identity: 0123456789ab, links: [serial: {modem.port}]}}",
            f"{{name: quiet, links: [serial: {silent.port}]}}",
        )
        found = {one.port: one for one in probe_ports([], lab, timeout_s=1)}
    agent, phone = found[emulated.where], found[modem.port]
    assert (agent.kind, agent.entry, agent.model) == ("agent", "by-port", "Emulated S60 handset")
    assert agent.agent
    # The port says another handset, but the identity decides.
    assert (phone.kind, phone.entry, phone.identity) == ("modem", "by-identity", hashed_imei(IMEI))
    assert found[silent.port].kind == "nothing"
    assert "no agent answered" in found[silent.port].problem
    assert "choose PC Suite mode" in found[silent.port].problem
    assert "there is no port" in found["/dev/no-such-port"].problem


def test_an_agent_behind_a_link_without_a_port(tmp_path: Path) -> None:
    with EmulatedHandset(tcp=True) as emulated:
        _, host, port = emulated.where.split(":")
        link = f"tcp: {{host: {host}, port: {port}}}"
        lab = lab_of(
            tmp_path / "lab.yaml",
            f"{{name: remote, links: [{link}]}}",
            "{name: off, links: [tcp: {port: 1}]}",
        )
        remote, off = probe_ports([], lab, timeout_s=1)
        assert (remote.port, remote.kind, remote.entry) == (f"tcp {host} {port}", "agent", "remote")
        assert (off.kind, off.entry) == ("nothing", "off")
        assert "nobody listens" in off.problem or "refused" in off.problem
        with take(lab.find("remote"), "a test"):
            assert "is held by" in probe_ports([], lab, timeout_s=1)[0].problem
        other = lab_of(tmp_path / "other.yaml", f"{{name: n8, identity: 0123456789ab, links: [{link}]}}")
        assert "it is not n8" in probe_ports([], other, timeout_s=1)[0].problem


def test_ports_of_other_devices_are_left_alone() -> None:
    with pty_modem() as modem:
        drill = AttachedPort(modem.port, "a drill", 0x2341, 0x0043, "")
        assert probe_ports([drill], None) == []
        assert modem.asked == []
        phone = drill._replace(vendor=0x0421)
        assert [one.kind for one in probe_ports([phone], None)] == ["modem"]


def test_a_phone_that_somebody_holds_is_not_asked(tmp_path: Path) -> None:
    with pty_modem() as modem:
        lab = lab_of(tmp_path / "lab.yaml", f"{{name: n8, links: [serial: {modem.port}]}}")
        with take(lab.find("n8"), "a test"):
            assert "is held by" in probe(modem.port, lab, timeout_s=1).problem
        assert modem.asked == []


def test_the_list_shows_hashes_and_never_an_imei(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pty_modem() as modem:
        path = tmp_path / "lab.yaml"
        lab_of(path, f"{{name: n8, links: [serial: {modem.port}]}}")
        assert main(["devices", "list", f"--config={path}"]) == 0
        text = capsys.readouterr().out
        assert main(["devices", "list", f"--config={path}", "--json"]) == 0
        answers = json.loads(as_json := capsys.readouterr().out)["answers"]
    assert IMEI not in text + as_json
    assert f"{modem.port:<20} modem    n8                   {hashed_imei(IMEI)}  Nokia Nokia N8-00" in text
    assert answers[0]["identity"] == hashed_imei(IMEI)


@given(st.text(alphabet="0123456789 ab", max_size=40))
def test_no_imei_is_left_in_a_serial_number(text: str) -> None:
    assert IMEI not in without_imei(text + IMEI + " " + text)


# ---------------------------------------------------------------------------------------------------- doctor


def test_the_doctor_finds_nothing_wrong_where_nothing_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "lab.yaml"
    with pty_modem() as modem:
        lab_of(path, f"{{name: n8, links: [serial: {modem.port}]}}")
        assert main(["doctor", f"--config={path}"]) == 0
    said = capsys.readouterr().out
    assert f"ok     {modem.port}: modem of n8 (Nokia Nokia N8-00, V ICPR82_10w40.12, {hashed_imei(IMEI)})" in said
    assert said.endswith("nothing wrong\n")


def test_the_doctor_ends_with_1_and_a_mend_for_each(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "lab.yaml"
    lab_of(path, "{name: n8, links: [serial: /dev/no-such-port]}")
    assert main(["doctor", f"--config={path}"]) == 1
    said = capsys.readouterr().out
    assert f"wrong  {path}:2:24: handsets.0.links.0.serial.port: there is no port /dev/no-such-port" in said
    assert "-> plug it in" in said
    path.write_text("handsets: [{nmae: x}]")
    assert main(["doctor", f"--config={path}"]) == 1
    assert "the configuration is wrong" in capsys.readouterr().out


def test_phones_on_usb_without_rights_or_in_the_wrong_mode() -> None:
    closed = AttachedPhone(0x0421, 0x0334, "", "", "", 2, "1-1", "no permission to open it")
    storage = AttachedPhone(0x0421, 0x01C6, "Nokia", "N95", "", 0, "1-2", "")
    good = AttachedPhone(0x0421, 0x0334, "Nokia", "N95", "", 2, "1-3", "")
    findings = list(doctor.check_phones([closed, storage, good]))
    assert [finding.colour for finding in findings] == [Colour.RED, Colour.RED, Colour.GREEN]
    assert "udev rule" in findings[0].mend
    assert "PC Suite mode" in findings[1].mend


def test_a_package_of_one_of_our_names_and_a_forked_pyserial(monkeypatch: pytest.MonkeyPatch) -> None:
    assert all(finding.colour is Colour.GREEN for finding in doctor.check_packages())
    monkeypatch.setattr(
        "importlib.metadata.packages_distributions", lambda: {"wire": ["symhil", "wire-protocol"], "harness": []}
    )
    monkeypatch.setattr("serial.__version__", "3.5.0.2")
    wrong = [finding for finding in doctor.check_packages() if finding.colour is Colour.RED]
    assert [finding.what for finding in wrong] == [
        "the package wire also comes with wire-protocol",
        "pyserial 3.5.0.2 is a fork that has overwritten pyserial",
    ]


def test_a_holder_and_a_port_that_another_process_has_open(tmp_path: Path) -> None:
    with EmulatedHandset() as emulated:
        lab = lab_of(tmp_path / "lab.yaml", f"{{name: n8, links: [serial: {emulated.where}]}}")
        findings = list(doctor.check_handsets(lab))
        with take(lab.find("n8"), "a test"):
            held = list(doctor.check_handsets(lab))
    # The emulated handset keeps its own end open; on a real port that would be ModemManager, say.
    assert any(f"n8: {emulated.where} is in use by python" in finding.what for finding in findings)
    assert [finding.colour for finding in held] == [Colour.YELLOW]
    assert "n8 is held by" in held[0].what


def test_the_udev_rule_is_shipped(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--udev-rule"]) == 0
    said = capsys.readouterr().out
    assert said == resources.files("harness").joinpath("data", "60-symhil.rules").read_text(encoding="utf-8")
    assert 'ENV{ID_MM_DEVICE_IGNORE}="1"' in said
