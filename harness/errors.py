"""Every error a user of the harness can meet. The tree tells whose move it is.

    HilError
    +-- ProductError            the product under test: look at the data owner or at the engine
    |   +-- EngineError           the engine, or an owner's leave, answered with an error code
    |   +-- UnexpectedState       the phone answered, but not what the operation needs
    |   +-- NotReadyInTime        a data owner did not become ready in the time allowed
    +-- AgentError              the program on the phone: update, restart or mend the agent
    |   +-- StaleAgent            it speaks another version of the messages
    |   +-- AgentRefused          it cannot do what was asked, and said why
    |   +-- CallTimeout           the link is alive, but a call got no answer in its time
    +-- HandsetLost             the phone or the cable: it was there and is not any more
    |   +-- LinkSilent            nothing was heard for longer than the limit
    |   +-- LinkClosed            the port vanished or was closed under us
    |   +-- HandsetRestarted      it is there again, but has lost what it was doing
    |   +-- RecordingDiffers      the phone is a recording, which has something else at this place
    +-- LabError                the lab: no phone, no port, no rights, a wrong configuration
    |   +-- LabUnavailable        no handset can be used now
    |   +-- ConfigError           lab_config.yaml or an option is wrong
    |   +-- WriteRefused          the phone's entry does not allow what would write to it
    |   +-- ArtifactError         the results cannot be written or read
    +-- HarnessError            this program: please report it
        +-- Misuse                it was called in a way that cannot work

Each message says what was expected, what came, where, and what to do next. None of them is an OSError, as
Python's own TimeoutError and ConnectionError are: whoever handles a full disk must not swallow a lost phone.
"""

from __future__ import annotations

from enum import Enum
from typing import ClassVar

from wire.symbian_errors import describe_error, error_name


class Category(Enum):
    """Whose move it is; the value is what summaries, JUnit properties and JSON show."""

    PRODUCT = "product"
    AGENT = "agent"
    HANDSET_LOST = "handset-lost"
    LAB = "lab"
    HARNESS = "harness"


class ExitCode:
    """Exit codes of `symhil`: pytest's own 0 to 5, and two of ours."""

    OK: ClassVar[int] = 0
    FAILED: ClassVar[int] = 1
    INTERRUPTED: ClassVar[int] = 2
    INTERNAL: ClassVar[int] = 3
    USAGE: ClassVar[int] = 4
    NO_TESTS: ClassVar[int] = 5
    LAB_UNAVAILABLE: ClassVar[int] = 10
    HANDSET_LOST: ClassVar[int] = 11


class Effect(Enum):
    """What is known of a call that was cut off. Nothing is ever repeated without being asked."""

    NOT_DONE = "not done: the phone was not asked"
    DONE = "done: the phone had answered already"
    UNKNOWN = "not known to be done or not: the phone was asked and has not answered"


class HilError(Exception):
    """Base of all errors of the harness.

    Args:
        message: what was expected, what came, and where.
        hint: what to do next; shown on a line of its own.

    Attributes:
        effect: of a call that this cut off; None when there was no call.
    """

    effect: Effect | None = None

    category: ClassVar[Category] = Category.HARNESS
    exit_code: ClassVar[int] = ExitCode.FAILED

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint

    def __str__(self) -> str:
        message = super().__str__()
        return printable(f"{message}\n  -> {self.hint}" if self.hint else message)

    def add_note(self, note: str, /) -> None:
        """As every exception's; what comes from a phone is made harmless."""
        super().add_note(printable(note))


def printable(text: str) -> str:
    """Text that does nothing to a terminal: control characters, and what turns the writing round, as escapes."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c in "\n\t" else c.encode("unicode_escape").decode() for c in text)


class ProductError(HilError):
    """The product under test did something other than expected."""

    category = Category.PRODUCT


class EngineError(ProductError):
    """The backup engine answered a request with an error code.

    The code may be the engine's own or the leave of a data owner's callback, which passes through it.

    Attributes:
        code: the Symbian error number, negative.
        operation: what was asked, as in `RequestData 0x0AB7E57C C EActiveBaseData`.
    """

    def __init__(self, operation: str, code: int, *, hint: str = "") -> None:
        super().__init__(f"{operation} answered {describe_error(code)}", hint=hint)
        self.operation = operation
        self.code = code

    @property
    def name(self) -> str:
        """The header's name of the code."""
        return error_name(self.code)


class UnexpectedState(ProductError):
    """The phone is in a state in which the operation cannot be done."""


class NotReadyInTime(ProductError):
    """A data owner did not become ready in the time allowed."""


class AgentError(HilError):
    """The agent on the phone is at fault."""

    category = Category.AGENT


class StaleAgent(AgentError):
    """Agent and harness were built from different definitions of the messages."""


class AgentRefused(AgentError):
    """The agent understood the request and cannot do it."""


class CallTimeout(AgentError):
    """The link is alive but a call was not answered within its deadline."""


class HandsetLost(HilError):
    """The phone was there and is not any more. Exit code 11."""

    category = Category.HANDSET_LOST
    exit_code = ExitCode.HANDSET_LOST
    what_to_do: ClassVar[str] = "see whether the phone is on and the cable is in; `symhil devices` lists phones"


class LinkSilent(HandsetLost):
    """Nothing was heard from the phone for longer than the limit."""


class LinkClosed(HandsetLost):
    """The port vanished, or the other end closed it."""


class HandsetRestarted(HandsetLost):
    """The agent answers again but has started anew, so that open calls are lost."""


class RecordingDiffers(LinkClosed):
    """What is said now is not what was said when the phone was recorded, so it cannot go on. Exit code 1."""

    category = Category.PRODUCT
    exit_code = ExitCode.FAILED
    what_to_do = (
        "if what is asked has changed on purpose record anew, else mend it; `symhil trace show` shows both"
    )


class LabError(HilError):
    """The lab is not as it has to be."""

    category = Category.LAB
    exit_code = ExitCode.USAGE


class LabUnavailable(LabError):
    """No handset can be used now. Exit code 10; never a skipped test and never green."""

    exit_code = ExitCode.LAB_UNAVAILABLE


class ConfigError(LabError):
    """The configuration, or an option that stands for it, is wrong."""


class WriteRefused(LabError):
    """Something that writes to a phone was asked of one whose entry does not allow it. Nothing was sent."""


class ArtifactError(LabError):
    """Results cannot be written to, or read from, the artifacts folder."""


class HarnessError(HilError):
    """A fault of this program."""

    exit_code = ExitCode.INTERNAL


class Misuse(HarnessError):
    """The harness was called in a way that cannot work; the message says which way does."""
