"""The files of one owner -> its registration (Registration format 6)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wire.formats.registration.errors import RegistrationError
from wire.formats.registration.interpreter import Interpreter
from wire.formats.registration.xml import Document, scan
from wire.symbian import CENTRAL_REPOSITORY_SID, SecureId

if TYPE_CHECKING:
    from wire.formats.registration.model import Registration
    from wire.formats.registration.remarks import Remark


class RegistrationReader:
    """Reads the files of one owner, in the order in which the engine does (Registration format 6.1).

    Args:
        sid: the owner's, from the directory name.
        central_repository_sid: what `cenrep_backup` stands for; sbeconfig.xml can change it on a phone.
        callback_delay_supported: False for engines before June 2010, which ignore `callback_delay_time`.

    Attributes:
        faults: why the owner is unusable; empty if it is not.
    """

    def __init__(
        self,
        sid: SecureId,
        *,
        central_repository_sid: SecureId = CENTRAL_REPOSITORY_SID,
        callback_delay_supported: bool = True,
    ) -> None:
        self.sid = sid
        self.faults: list[RegistrationError] = []
        self._interpreter = Interpreter(
            sid,
            central_repository_sid=central_repository_sid,
            callback_delay_supported=callback_delay_supported,
        )

    @property
    def remarks(self) -> list[Remark]:
        """What happened so far, in order, all files together."""
        return self._interpreter.remarks

    def read(self, data: bytes, *, primary: bool) -> None:
        """Read one more file.

        Args:
            data: the whole file.
            primary: its name is `backup_registration.xml`, not `backup_registration_more.xml`.

        Raises:
            RegistrationError: the engine cannot use it. The owner as a whole is unusable from then on.
        """
        self.read_document(scan(data), primary=primary)

    def read_document(self, document: Document, *, primary: bool, keep_going: bool = False) -> None:
        """The same for a file that was scanned already.

        Args:
            document: what the scan found.
            primary: as for `read`.
            keep_going: for a linter: raise nothing, note in `faults` what is fatal, and go on behind it.
        """
        self._interpreter.begin_file(primary=primary)
        for is_start, element, _ in document.tags:
            try:
                if is_start:
                    self._interpreter.start(element)
                else:
                    self._interpreter.end(element)
            except RegistrationError as fault:
                self.faults.append(fault)
                if not keep_going:
                    raise
        if document.fault is not None:
            self.faults.append(document.fault)
            if not keep_going:
                raise document.fault

    @property
    def is_usable(self) -> bool:
        """Whether the engine can use what was read so far."""
        return not self.faults

    def result(self) -> Registration:
        """What was read so far.

        Raises:
            RegistrationError: the fault of the first file that had one.
        """
        if self.faults:
            raise self.faults[0]
        return self.partial_result()

    def partial_result(self) -> Registration:
        """What was understood although there may have been faults; for a linter."""
        return self._interpreter.gathered.registration(self.sid)
