"""How often 95 % intervals cover what was planted, and permutation tests reject nothing.

Planted trials of the paper's effects, with heavy-tailed durations, 17 % rating response, unequal
and absent workers. The interval is the product's: CR2 with Satterthwaite degrees of freedom. The
sizes are those of the test by permutation and of a sequential look a day where nothing has an
effect.

Beyond 50 workers the trials are ten days long and hold fewer chats a worker, to bound the time.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from benchmarks.evidence._planted import OUTCOMES, cube_of
from benchmarks.harness import finish, line, options
from stepin.evidence.data.synthetic import World
from stepin.evidence.data.synthetic.staff import complete
from stepin.evidence.estimators.effects import Arms, ancova, did, estimate
from stepin.evidence.estimators.least_squares import UnitDayPanel, by_unit, cr2
from stepin.evidence.estimators.resampling import looks, pocock, studentized
from stepin.evidence.estimators.resampling.permute import p_value

SIZES = {
    20: World(workers=20, treated=10, chats=21_000),
    50: World(workers=50, treated=24, chats=52_000),
    200: World(workers=200, treated=95, chats=60_000, pre_days=5, post_days=5),
    647: World(pre_days=5, post_days=5, chats=120_000),
}
NULL = World(workers=20, treated=10, chats=3_000, pre_days=2, post_days=4, blocks=2).null()
DRAWS = 199


def coverage(world: World, seeds: range) -> dict[tuple[str, str, str, str], float]:
    """Return the share of intervals that hold the truth, by estimator, outcome, sample, kind."""
    held: dict[tuple[str, str, str, str], int] = {}
    off: dict[tuple[str, str, str], list[float]] = {}
    truths = {"eligible": (1, world.direct()), "ineligible": (0, world.spillover())}
    for done, seed in enumerate(seeds, 1):
        cube, arms = cube_of(world, seed)
        for name, model_of in (("did", did), ("ancova", ancova)):
            for sample, (stratum, truth) in truths.items():
                for outcome in OUTCOMES:
                    model = model_of(cube, arms, outcome, stratum=stratum)
                    f = model.fit()
                    gap = float(f.beta[f.at("treated")]) - truth[outcome]
                    off.setdefault((name, outcome, sample), []).append(gap)
                    for variance in (cr2(f), by_unit(f)):
                        e = estimate(f, variance, f.at("treated"))
                        reach = abs(e.value - truth[outcome])
                        inside = e.low is not None and reach <= e.high - e.value
                        key = (name, outcome, sample, variance.kind)
                        held[key] = held.get(key, 0) + inside
        _progress(done, len(seeds))
    for of, gaps in off.items():
        bias, noise = float(np.mean(gaps)), float(np.std(gaps)) / math.sqrt(len(gaps))
        print("    bias", *of, f"{bias:+.5f} (noise {noise:.5f})")
    return {key: count / len(seeds) for key, count in held.items()}


def sizes(seeds: range) -> tuple[float, float]:
    """Return the rejection rates of a permutation test and of one look per day, both at 5 %."""
    rejected = stopped = 0
    for done, seed in enumerate(seeds, 1):
        cube, drawn_arms = cube_of(NULL, seed)
        rng = np.random.default_rng([seed, 99])
        one_block = np.zeros(NULL.workers, np.int64)
        draws = np.stack([complete(one_block, NULL.treated, rng) for _ in range(DRAWS + 1)])
        arms = Arms(drawn_arms.units, draws[0], drawn_arms.start)
        whole = did(cube, arms, "log_duration")
        observed, drawn = [], []
        for day in range(NULL.pre_days, NULL.days):
            until = np.flatnonzero(whole.panel.days <= 19_000 + day)
            seen = whole.panel.select(days=until)
            f = replace(whole, panel=seen, nuisance=_eligible(seen)).focus()
            at = np.searchsorted(arms.units, f.units)
            statistics = studentized(f, draws[:, at])[1]
            observed.append(statistics[0])
            drawn.append(statistics[1:])
        rejected += p_value(float(observed[-1]), drawn[-1]) <= 0.05
        shares = [(i + 1) / len(observed) for i in range(len(observed))]
        found = looks(np.array(observed), np.stack(drawn, axis=1), shares, pocock(0.05))
        stopped += any(look.stops for look in found)
        _progress(done, len(seeds))
    return rejected / len(seeds), stopped / len(seeds)


def _progress(done: int, runs: int) -> None:
    if done % max(1, runs // 5) == 0:
        print(f"    {done} of {runs}", flush=True)


def _eligible(seen: UnitDayPanel) -> np.ndarray:
    return np.broadcast_to(seen.strata.astype(float), seen.n.shape)[..., None]


def main() -> None:
    """Measure and print every claim."""
    chosen = options(__doc__)
    runs = chosen.pick(2_000, 100)
    slack = 3 * math.sqrt(0.95 * 0.05 / runs) if chosen.quick else 0.0
    for workers, world in SIZES.items():
        if chosen.quick and workers > 50:
            continue
        print(f"  {workers} workers, {world.chats:,} chats, {runs} runs")
        found = coverage(world, range(runs))
        for key, share in found.items():
            print("   ", *key, f"{share:.4f}")
        own = [share for key, share in found.items() if key[3] == "CR2"]
        for edge, share in (("lowest", min(own)), ("highest", max(own))):
            line(
                f"coverage of 95 % intervals, {workers} workers, {edge} of {len(own)}",
                ours=share,
                reference=0.95,
                ratio=share / 0.95,
                goal="0.93 to 0.97",
                holds=0.93 - slack <= share <= 0.97 + slack,
            )
    runs = chosen.pick(10_000, 300)
    slack = 3 * math.sqrt(0.95 * 0.05 / runs) if chosen.quick else 0.0
    print(f"  no effect, {NULL.workers} workers, {runs} runs")
    for name, share in zip(
        ("permutation test", "one look per day"), sizes(range(runs)), strict=True
    ):
        print(f"    {name}: {share:.4f}")
        line(
            f"size at 5 % in a world without effects: {name}",
            ours=share,
            reference=0.05,
            ratio=share / 0.05,
            goal="<= 0.055",
            holds=share <= 0.055 + slack,
        )
    finish()


if __name__ == "__main__":
    main()
