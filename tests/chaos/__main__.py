"""`python -m tests.chaos`: many runs under random plans, and the figures for docs/reliability.md.

Runs are numbered, and a number is a seed: `--runs 1 --first 4711 --agent core` plays one of them again.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Final

import click

from tests.chaos.one_run import AGENTS, DEADLINE_S, Ending, Outcome, Run
from tests.generated import put

PAGE: Final = Path(__file__).parents[2] / "docs" / "reliability.md"


def play(task: tuple[int, str]) -> Outcome:
    """One run in a folder of its own."""
    seed, agent = task
    with tempfile.TemporaryDirectory(prefix="symhil-chaos-") as folder:
        return Run(seed, agent, Path(folder)).play()


def play_all(first: int, runs: int, agents: list[str], jobs: int) -> Iterator[Outcome]:
    """All runs, in the order of their numbers."""
    tasks = [(seed, agent) for agent in agents for seed in range(first, first + runs)]
    if jobs == 1:
        yield from map(play, tasks)
        return
    with ProcessPoolExecutor(jobs) as pool:
        yield from pool.map(play, tasks, chunksize=8)


def table(outcomes: list[Outcome], first: int, runs: int) -> str:
    """The figures as they stand in the documentation."""
    agents = list(dict.fromkeys(outcome.agent for outcome in outcomes))
    lines = [
        f"`make chaos CHAOS_RUNS={runs} CHAOS_FIRST={first}` printed:",
        "",
        f"| Of {runs} runs with each agent | {' | '.join(agents)} |",
        f"|---|{'---|' * len(agents)}",
    ]

    def row(label: str, counts: dict[str, object]) -> None:
        lines.append(f"| {label} | {' | '.join(str(counts[agent]) for agent in agents)} |")

    by_agent = {agent: [o for o in outcomes if o.agent == agent] for agent in agents}
    for ending in Ending:
        row(ending.value, {a: sum(o.ending is ending for o in of) for a, of in by_agent.items()})
    for name in sorted({o.error for o in outcomes if o.ending is Ending.ERROR}):
        row(f"named error: {name}", {a: sum(o.error == name for o in of) for a, of in by_agent.items()})
    row("phone in normal afterwards", {a: sum(o.normal for o in of) for a, of in by_agent.items()})
    row(
        "not in normal, and not said",
        {a: sum(not (o.normal or o.reported) for o in of) for a, of in by_agent.items()},
    )
    row("faults on the line, in all", {a: sum(o.hurt for o in of) for a, of in by_agent.items()})
    row(
        f"longest run, simulated seconds of {DEADLINE_S:.0f}",
        {a: f"{max(o.took_s for o in of):.0f}" for a, of in by_agent.items()},
    )
    return "\n".join(lines) + "\n"


@click.command()
@click.option("--runs", default=1000, show_default=True, help="With each agent.")
@click.option("--first", default=0, show_default=True, help="The number of the first run.")
@click.option("--agent", "agents", type=click.Choice(list(AGENTS)), multiple=True, help="Only this agent.")
@click.option("--jobs", default=1, show_default=True, help="Processes.")
@click.option("--write", is_flag=True, help="Put the figures into docs/reliability.md, if all is well.")
def main(runs: int, first: int, agents: tuple[str, ...], jobs: int, write: bool) -> None:
    """Play whole backup and restore runs under random faults; the exit code says whether any was lost or hung."""
    outcomes = []
    for outcome in play_all(first, runs, list(agents or AGENTS), jobs):
        outcomes.append(outcome)
        if not outcome.is_good:
            again = f"python -m tests.chaos --runs 1 --first {outcome.seed} --agent {outcome.agent}"
            click.echo(f"{again}\n  {outcome}")
    text = table(outcomes, first, runs)
    click.echo(text)
    bad = Counter(outcome.ending.value for outcome in outcomes if not outcome.is_good)
    if bad:
        raise click.ClickException(f"not good: {dict(bad)}")
    if write:
        put(PAGE, "make chaos", text)


if __name__ == "__main__":
    main()
