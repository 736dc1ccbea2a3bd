"""Symbian's error numbers: their names, what they mean, and the exception that carries one.

0 is success, errors are negative, positive numbers are not errors. Names and numbers: e32err.h and
ezliberrorcodes.h.
"""

from __future__ import annotations

from typing import Final

KErrNone: Final = 0
KErrNotFound: Final = -1
KErrGeneral: Final = -2
KErrCancel: Final = -3
KErrNoMemory: Final = -4
KErrNotSupported: Final = -5
KErrArgument: Final = -6
KErrOverflow: Final = -9
KErrUnderflow: Final = -10
KErrAlreadyExists: Final = -11
KErrPathNotFound: Final = -12
KErrInUse: Final = -14
KErrServerTerminated: Final = -15
KErrServerBusy: Final = -16
KErrNotReady: Final = -18
KErrUnknown: Final = -19
KErrCorrupt: Final = -20
KErrAccessDenied: Final = -21
KErrEof: Final = -25
KErrDiskFull: Final = -26
KErrBadName: Final = -28
KErrTimedOut: Final = -33
KErrDisconnected: Final = -36
KErrBadDescriptor: Final = -38
KErrAbort: Final = -39
KErrTooBig: Final = -40
KErrPermissionDenied: Final = -46
KEZlibErrStream: Final = -11501
KEZlibErrData: Final = -11502
KEZlibErrBuf: Final = -11503

_NAMES: Final[dict[int, tuple[str, str]]] = {
    0: ("KErrNone", "success"),
    -1: ("KErrNotFound", "what was asked for does not exist"),
    -2: ("KErrGeneral", "a failure without a more specific code"),
    -3: ("KErrCancel", "the operation was cancelled"),
    -4: ("KErrNoMemory", "no memory left"),
    -5: ("KErrNotSupported", "this function or variant does not exist here"),
    -6: ("KErrArgument", "a parameter is out of range or of the wrong kind"),
    -7: ("KErrTotalLossOfPrecision", "a conversion lost every significant digit"),
    -8: ("KErrBadHandle", "not a valid handle"),
    -9: ("KErrOverflow", "more than there is room for"),
    -10: ("KErrUnderflow", "less data than there has to be"),
    -11: ("KErrAlreadyExists", "something of this name or identity is already there"),
    -12: ("KErrPathNotFound", "a directory on the path is missing"),
    -13: ("KErrDied", "the thread behind the handle has ended"),
    -14: ("KErrInUse", "somebody else holds it"),
    -15: ("KErrServerTerminated", "the server of this session is gone"),
    -16: ("KErrServerBusy", "the server can take no further request now"),
    -17: ("KErrCompletion", "finished, though there may be more to do"),
    -18: ("KErrNotReady", "the other side is not in a state to do this"),
    -19: ("KErrUnknown", "an unknown type or value"),
    -20: ("KErrCorrupt", "data, or the order of calls, is inconsistent"),
    -21: ("KErrAccessDenied", "not allowed in the present state"),
    -22: ("KErrLocked", "locked"),
    -23: ("KErrWrite", "not everything could be written"),
    -24: ("KErrDisMounted", "the volume was taken away"),
    -25: ("KErrEof", "the end was reached"),
    -26: ("KErrDiskFull", "the volume is full"),
    -27: ("KErrBadDriver", "a driver of the wrong kind"),
    -28: ("KErrBadName", "not a valid name"),
    -29: ("KErrCommsLineFail", "the line failed"),
    -30: ("KErrCommsFrame", "a framing error on the line"),
    -31: ("KErrCommsOverrun", "the receiver was overrun"),
    -32: ("KErrCommsParity", "a parity error on the line"),
    -33: ("KErrTimedOut", "the time limit passed"),
    -34: ("KErrCouldNotConnect", "no session could be opened"),
    -35: ("KErrCouldNotDisconnect", "the session could not be closed"),
    -36: ("KErrDisconnected", "the connection is gone"),
    -37: ("KErrBadLibraryEntryPoint", "the library has the wrong kind of entry point"),
    -38: ("KErrBadDescriptor", "a client passed an invalid descriptor"),
    -39: ("KErrAbort", "aborted"),
    -40: ("KErrTooBig", "a number or a size is too large"),
    -41: ("KErrDivideByZero", "division by zero"),
    -42: ("KErrBadPower", "not enough power"),
    -43: ("KErrDirFull", "the directory is full"),
    -44: ("KErrHardwareNotAvailable", "the hardware for it is absent"),
    -45: ("KErrSessionClosed", "the session was closed while a message was pending"),
    -46: ("KErrPermissionDenied", "platform security refused it: a capability or the right SID is missing"),
    -47: ("KErrExtensionNotSupported", "the object lacks this extension"),
    -48: ("KErrCommsBreak", "a break on the line"),
    -49: ("KErrNoSecureTime", "no trusted time source"),
    -50: ("KErrCorruptSurrogateFound", "a broken UTF-16 surrogate"),
    -11501: ("KEZlibErrStream", "the compressed stream's state is inconsistent"),
    -11502: ("KEZlibErrData", "the compressed data is damaged"),
    -11503: ("KEZlibErrBuf", "compression made no progress with the given buffers"),
    -11504: ("KEZlibErrVersion", "a different version of the compression library"),
    -11505: ("KEZlibErrUnexpected", "an internal surprise in the compression library"),
    -11506: ("KEZlibErrDeflateTerminated", "the compressor was used after its end"),
    -11507: ("KEZlibErrInflateTerminated", "the decompressor was used after its end"),
    -11508: ("KEZlibErrInflateDictionary", "decompression would need a dictionary"),
}


def error_name(code: int) -> str:
    """The header's name of a code, as in `KErrCorrupt`; a number without a name is shown as itself."""
    known = _NAMES.get(code)
    return known[0] if known else f"error {code}"


def describe_error(code: int) -> str:
    """A code for a reader, as in `-20 (KErrCorrupt: data, or the order of calls, is inconsistent)`."""
    known = _NAMES.get(code)
    return f"{code} ({known[0]}: {known[1]})" if known else f"{code}"


class Leave(Exception):
    """A Symbian leave: the way in which a function whose name ends in L reports an error code.

    Raised by a data owner's callback on the host, it leaves in the owner process on the phone with the same
    code; raised inside the emulated handset, it is what the real function would leave with.
    """

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code

    def __str__(self) -> str:
        return f"leave {describe_error(self.code)}"
