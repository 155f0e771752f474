"""Adding one day to a cube of 60 days against building it whole, in CPU seconds."""

from __future__ import annotations

from dataclasses import replace

from benchmarks.evidence._planted import BIG, REPORT, cpu, planted
from benchmarks.harness import finish, options, paired, report
from stepin.core.facts import Chats
from stepin.evidence.data.storage import files
from stepin.evidence.estimators.moments import add, build, build_file
from stepin.evidence.estimators.moments.build import centred


def main() -> None:
    """Measure and print the claim."""
    chosen = options(__doc__)
    folder = planted(replace(BIG, chats=chosen.pick(10_000_000, 1_000_000)))
    paths = files(folder, Chats)
    spec = centred(REPORT, paths[0])
    before = add([build_file(path, spec) for path in paths[:-1]])
    whole, day = paired(
        5,
        lambda: cpu(lambda: build(folder, spec)),
        lambda: cpu(lambda: add([before, build_file(paths[-1], spec)])),
    )
    claim = "building a 60-day cube over adding one day to it, 10M chats"
    report(claim, whole, day, goal=30, unit="CPU s")
    finish()


if __name__ == "__main__":
    main()
