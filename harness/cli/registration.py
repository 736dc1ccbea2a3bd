"""`symhil registration`: everything about backup_registration.xml."""

from __future__ import annotations

import difflib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from harness.errors import ConfigError, ExitCode
from harness.registration import files
from harness.registration.shown import shown
from wire.symbian import SecureId

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from harness.registration.lint import FileReport
    from harness.registration.subject import Subject

_FAIL_ON: Final = {"error": 3, "warning": 2, "info": 1, "never": 4}
_COLOURS: Final = {"error": "red", "warning": "yellow", "info": "blue"}


def _sid(text: str) -> SecureId:
    """A secure ID in either of the usual forms."""
    try:
        return SecureId.parse(text)
    except ValueError as error:
        raise click.BadParameter(str(error)) from error


_PATH: Final = click.Path(path_type=Path)
_sid_option = click.option(
    "--sid",
    type=_sid,
    metavar="SID",
    help="The owner's secure ID. Default: what the directory in \\private says.",
)
_output_option = click.option("-o", "--output", type=_PATH, help="Write to this file instead.")


@click.group()
def registration() -> None:
    """Check, explain, mend and write backup_registration.xml."""


@registration.command()
@click.argument("paths", metavar="FILE...", nargs=-1, required=True, type=_PATH)
@_sid_option
@click.option(
    "--whole-phone", is_flag=True, help="These are all owners of a phone: a proxy not among them is missing."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--sarif", "as_sarif", is_flag=True, help="Print SARIF 2.1.0, which code hosts read.")
@click.option(
    "--fail-on",
    type=click.Choice([*_FAIL_ON]),
    default="error",
    show_default=True,
    help="The lowest severity that makes the exit code 1.",
)
def lint(
    paths: Sequence[Path],
    sid: SecureId | None,
    *,
    whole_phone: bool,
    as_json: bool,
    as_sarif: bool,
    fail_on: str,
) -> int:
    """Say what is wrong with registration files, and what really happens on the phone."""
    from harness.registration import output
    from harness.registration.lint import lint_together
    from harness.registration.sarif import as_sarif as sarif

    if as_json and as_sarif:
        raise click.UsageError("--json and --sarif exclude each other")
    reports = lint_together([_subject(path, sid) for path in paths], whole_phone=whole_phone)
    if as_json or as_sarif:
        _echo_json(output.as_json(reports) if as_json else sarif(reports))
    else:
        _echo_findings(output.as_text(reports))
    worst = max((report.worst.rank for report in reports if report.worst), default=0)
    return ExitCode.FAILED if worst >= _FAIL_ON[fail_on] else ExitCode.OK


@registration.command()
@click.argument("paths", metavar="FILE...", nargs=-1, required=True, type=_PATH)
@_sid_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def show(paths: Sequence[Path], sid: SecureId | None, *, as_json: bool) -> int:
    """Show what the engine understands.

    Several files are those of one owner, in the order in which the engine reads them: ROM first, C: last.
    """
    from harness.registration import show as explain
    from wire.formats.registration import RegistrationReader
    from wire.formats.registration.xml import scan

    subjects = [_subject(path, sid) for path in paths]
    known = {subject.sid for subject in subjects if subject.sid is not None}
    if len(known) > 1:
        raise ConfigError(
            f"these files belong to different owners: {', '.join(sorted(map(str, known)))}",
            hint="show one owner at a time, or say whose files they are with --sid",
        )
    owner = next(iter(known), None)
    reader = RegistrationReader(owner or SecureId(0))
    for subject in subjects:
        reader.read_document(scan(subject.source.data), primary=subject.is_primary, keep_going=True)
    has_primary = any(subject.is_primary for subject in subjects)
    understood = explain.Understood(owner, [str(path) for path in paths], reader, has_primary)
    if as_json:
        _echo_json(explain.as_json(understood))
    else:
        for line in explain.as_text(understood):
            click.echo(line)
    return ExitCode.OK if reader.is_usable else ExitCode.FAILED


@registration.command()
@click.argument("path", metavar="FILE", type=_PATH)
@_sid_option
@click.option("-w", "--write", is_flag=True, help="Replace the file. Without it nothing is changed.")
@_output_option
def fix(path: Path, sid: SecureId | None, *, write: bool, output: Path | None) -> int:
    """Mend what has one evident meaning; comments and blanks stay.

    Shows what would change, or writes it. The exit code is 1 if errors remain that need a person.
    """
    from harness.registration.fix import fix as mend
    from harness.registration.rules import Severity

    if write and output:
        raise click.UsageError("--write and --output exclude each other")
    subject = _subject(path, sid)
    result = mend(subject)
    for finding in result.mended:
        click.echo(f"mended {finding.rule.id}, line {finding.line}: {finding.message}", err=True)
    if output or (write and result.data != subject.source.data):
        files.replace_file(output or path, result.data)
    elif not write:
        click.echo("".join(_diff(path, result.before, result.after)), nl=False)
    left = [f for f in result.after.findings if f.severity is Severity.ERROR]
    for finding in left:
        click.echo(f"left   {finding.rule.id}, line {finding.line}: {finding.message}", err=True)
    return ExitCode.FAILED if left else ExitCode.OK


@registration.command()
@click.option(
    "--sid",
    type=_sid,
    metavar="SID",
    help="The owner's secure ID. Default: what the directory of --output in \\private says.",
)
@click.option("--process-name", metavar="EXE", help="Active: the executable that the engine starts.")
@click.option(
    "--active-type",
    type=click.Choice(["activeonly", "activeandproxy", "proxyonly"]),
    default="activeonly",
    show_default=True,
)
@click.option(
    "--incremental/--no-incremental", default=True, show_default=True, help="Active data has increments."
)
@click.option("--selective", is_flag=True, help="Parts of the data can be chosen.")
@click.option(
    "--callback-delay-time", metavar="US", type=int, help="Watchdog time of a callback, in microseconds."
)
@click.option("--private-directory", metavar="PATH", multiple=True, help=r"Passive: '\' is the whole one.")
@click.option("--private-file", metavar="PATH", multiple=True, help="Passive: relative to the private directory.")
@click.option("--private-exclude", metavar="PATH", multiple=True, help="Passive: '*' and '?' are wildcards.")
@click.option("--delete-before-restore", is_flag=True, help="Passive: empty the private directory before.")
@click.option("--base-only", is_flag=True, help="Passive: no increments.")
@click.option("--public-directory", metavar="PATH", multiple=True, help=r"With its drive, as in c:\data\x.")
@click.option("--public-file", metavar="PATH", multiple=True, help="With its drive.")
@click.option("--public-exclude", metavar="PATH", multiple=True, help="One file, with its drive.")
@click.option("--system-files", is_flag=True, help="Executables and resources of the installed package.")
@click.option(
    "--proxy", type=_sid, metavar="SID", multiple=True, help="Another owner that holds data of this one."
)
@click.option("--policy", metavar="UID", multiple=True, help="Security policy of shared databases.")
@click.option("--requires-reboot", is_flag=True, help="Tell the host; the phone does nothing about it.")
@_output_option
@click.option("--force", is_flag=True, help="Replace the file if it is there.")
def new(output: Path | None, *, force: bool, **options: Any) -> int:
    """Write a correct file. Without --output it goes to the standard output."""
    from harness.registration.new import new_file
    from harness.registration.subject import private_directory_of
    from wire.formats.registration import read_directory_sid

    if options["sid"] is None and output is not None:
        options["sid"] = read_directory_sid(private_directory_of(output) or "")
    data, report = new_file(_wishes(options))
    for finding in report.findings:
        click.echo(f"{finding.severity.value} {finding.rule.id}: {finding.message}", err=True)
    if output is None:
        click.echo(data, nl=False)
    elif output.exists() and not force:
        raise ConfigError(f"{output} is there already", hint="--force replaces it")
    else:
        files.replace_file(output, data)
    return ExitCode.OK


@registration.command()
@click.option("--markdown", is_flag=True, help="Print the table that is in docs/registration.md.")
def rules(*, markdown: bool) -> None:
    """List the lint rules and what each means on the phone."""
    from harness.registration.lint import all_rules
    from harness.registration.output import rules_as_markdown

    if markdown:
        click.echo(rules_as_markdown(all_rules()), nl=False)
        return
    for rule in all_rules():
        click.echo(f"{rule.id} {rule.severity.value:<7} {rule.condition}")
        click.echo(f"    on the phone: {rule.consequence}")


@registration.command()
@_output_option
def schema(output: Path | None) -> None:
    """Print the RELAX NG schema of the strict form."""
    from harness.registration.schema import schema_bytes

    if output is None:
        click.echo(schema_bytes(), nl=False)
    else:
        files.replace_file(output, schema_bytes())


def _subject(path: Path, sid: SecureId | None) -> Subject:
    from harness.registration.subject import Subject

    return Subject(path, files.read_bounded(path), expected_sid=sid)


def _wishes(options: dict[str, Any]) -> Any:
    from harness.registration.new import Paths, Wishes
    from wire.formats.registration.values import ACTIVE_TYPES, DEFAULT_CALLBACK_DELAY_TIME_US

    delay = options["callback_delay_time"]
    return Wishes(
        sid=options["sid"],
        process_name=options["process_name"],
        active_type=ACTIVE_TYPES[options["active_type"]],
        supports_incremental=options["incremental"],
        supports_selective=options["selective"],
        callback_delay_time_us=DEFAULT_CALLBACK_DELAY_TIME_US if delay is None else delay,
        passive=Paths(options["private_directory"], options["private_file"], options["private_exclude"]),
        delete_before_restore=options["delete_before_restore"],
        base_backup_only=options["base_only"],
        public=Paths(options["public_directory"], options["public_file"], options["public_exclude"]),
        has_system_files=options["system_files"],
        requires_reboot=options["requires_reboot"],
        proxies=options["proxy"],
        policies=options["policy"],
    )


def _diff(path: Path, before: FileReport, after: FileReport) -> Iterable[str]:
    old, new = (report.subject.source.text.splitlines(keepends=True) for report in (before, after))
    for line in difflib.unified_diff(old, new, str(path), f"{path} (mended)"):
        # What could steer a terminal, or is no character at all, is shown as an escape; a TAB is neither.
        yield "\t".join(shown(part, limit=len(part)) for part in line.rstrip("\r\n").split("\t")) + "\n"


def _echo_findings(lines: Iterable[str]) -> None:
    for line in lines:
        colour = next((c for word, c in _COLOURS.items() if f": {word} BR" in line), None)
        click.echo(click.style(line, fg=colour) if colour else line)


def _echo_json(content: object) -> None:
    click.echo(json.dumps(content, indent=2))
