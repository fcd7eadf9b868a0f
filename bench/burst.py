"""How long until everybody is told when many reports come at the same moment, high risk first.

`python -m bench.burst`: 25 and then 100 at once, one in seven of high risk. Times are taken at the receiver.
"""

import time
from concurrent.futures import ThreadPoolExecutor

from bench._rig import INSPECTOR, Figures, Rig, arguments, first_received, keep, report, rig, warm_up
from tests.support.sink import Sink

PATIENCE_S = 300.0
SENDERS = 16
CALM_S = 10.0  # between two bursts: what the one before left to be written is written


def burst(here: Rig, size: int, first: int) -> tuple[Figures, Figures]:
    """Send `size` reports at once; give when first messages were received: all of them, and those of high risk."""
    risks = ["high" if n % 7 == 0 else "medium" for n in range(size)]
    began = here.sink.elapsed_s()
    with ThreadPoolExecutor(SENDERS) as pool, here.stack.client() as client:
        answers = pool.map(lambda n: client.post("/reports", json=report(first + n, risks[n])), range(size))
        made = [answer.raise_for_status().json()["case"] for answer in answers]
    print(f"{size} at once: all answered after {here.sink.elapsed_s() - began:.1f} s")
    here.sink.wait_until(lambda: _told(here.sink, made) == size, PATIENCE_S, f"{size} first messages")
    at = {case: first_received(here.sink, case) - began for case in made}
    high = [at[case] for case, risk in zip(made, risks, strict=True) if risk == "high"]
    return Figures.of(list(at.values())), Figures.of(high)


def _told(sink: Sink, made: list[str]) -> int:
    told = {c.body["case"] for c in sink.calls(type="notify") if c.person.startswith(INSPECTOR)}
    return len(told & set(made))


def main() -> None:
    """Run the bursts on one house."""
    parser = arguments(__doc__ or "")
    parser.add_argument("--sizes", type=int, nargs="+", default=[25, 100])
    given = parser.parse_args()
    with rig(given) as here:
        warm_up(here.stack)
        first = 0
        for size in given.sizes:
            time.sleep(CALM_S)
            everybody, high = burst(here, size, first)
            everybody.say(f"{size} at once, all")
            high.say(f"{size} at once, high risk")
            keep(given, {f"burst_{size}": everybody.longest, f"burst_{size}_high": high.longest})
            first += size


if __name__ == "__main__":
    main()
