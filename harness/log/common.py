"""What two sequences have in common, in bounded time: Myers' greedy algorithm."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST_DIFFERENCES: Final = 1000
"""Items left out of both together. With more than this, lining two runs up would help nobody."""

_EFFORT: Final = 20_000_000
"""Length times differences; so much is tried at most, which is some seconds."""


def longest_common(one: Sequence[object], other: Sequence[object]) -> list[tuple[int, int]] | None:
    """The places in `one` and in `other` of a longest common subsequence, in their order.

    None if more has to be left out than MOST_DIFFERENCES, or more than can be tried in some seconds. The time
    is proportional to the lengths times what is left out, the memory to the square of what is left out.
    """
    limit = min(MOST_DIFFERENCES, _EFFORT // (len(one) + len(other) + 1))
    # For each diagonal how far along `one` it has been followed; negative ones are at the list's end.
    reached = [0] * (2 * limit + 3)
    history: list[list[int]] = []
    for edits in range(limit + 1):
        history.append(reached.copy())
        for diagonal in range(-edits, edits + 1, 2):
            down = diagonal == -edits or (diagonal != edits and reached[diagonal - 1] < reached[diagonal + 1])
            x = reached[diagonal + 1] if down else reached[diagonal - 1] + 1
            while x < len(one) and x - diagonal < len(other) and one[x] == other[x - diagonal]:
                x += 1
            reached[diagonal] = x
            if x >= len(one) and x - diagonal >= len(other):
                return _walk_back(history, len(one), len(other))
    return None


def _walk_back(history: list[list[int]], x: int, y: int) -> list[tuple[int, int]]:
    common: list[tuple[int, int]] = []
    for edits in range(len(history) - 1, -1, -1):
        reached = history[edits]
        diagonal = x - y
        down = diagonal == -edits or (diagonal != edits and reached[diagonal - 1] < reached[diagonal + 1])
        before = diagonal + 1 if down else diagonal - 1
        begin_x = reached[before] if edits else 0
        begin_y = begin_x - before if edits else 0
        while x > begin_x and y > begin_y:
            x, y = x - 1, y - 1
            common.append((x, y))
        x, y = begin_x, begin_y
    return common[::-1]
