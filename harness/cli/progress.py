"""Progress of long work on standard error: bytes, rate, what remains. Results go to standard output."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator


@contextlib.contextmanager
def transfer_progress(*, quiet: bool) -> Iterator[Callable[[str, int, Iterable[bytes]], Iterator[bytes]]]:
    """Gives a function `(label, expected bytes, pieces)` that passes the pieces on and shows how far they are.

    Not a terminal: one line at the end of each transfer. The expected size is an owner's estimate, and it is
    what the owner has, not what the compressed container holds; so the bar may end early.
    """
    if quiet:
        yield lambda label, expected, pieces: iter(pieces)
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        DownloadColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
        TransferSpeedColumn,
    )

    console = Console(stderr=True)
    if not console.is_terminal:

        def plain(label: str, expected: int, pieces: Iterable[bytes]) -> Iterator[bytes]:
            total = 0
            for piece in pieces:
                total += len(piece)
                yield piece
            console.print(f"{label}: {total} bytes", highlight=False)

        yield plain
        return
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
        console=console,
    ) as progress:

        def bar(label: str, expected: int, pieces: Iterable[bytes]) -> Iterator[bytes]:
            task = progress.add_task(label, total=expected or None)
            done = 0
            for piece in pieces:
                done += len(piece)
                progress.update(task, advance=len(piece))
                yield piece
            progress.update(task, total=done, completed=done)

        yield bar
