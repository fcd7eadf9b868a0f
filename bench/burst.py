"""How long until everybody is told when many reports come at the same moment, high risk first.

`python -m bench.burst`: 25 and then 100 at once, one in seven of high risk. Times are taken at the receiver.
"""

import time
from concurrent.futures import ThreadPoolExecutor

from bench._rig import arguments, databases, figures, first_received, report, rig
from tests.support.sink import Sink
from tests.support.stack import Stack

PATIENCE_S = 300.0


def burst(stack: Stack, sink: Sink, size: int, first: int) -> None:
    """Send `size` reports at once and print when their first messages were received."""
    risks = ["high" if n % 7 == 0 else "medium" for n in range(size)]
    began = sink.elapsed_s()
    with ThreadPoolExecutor(16) as pool, stack.client() as client:
        answers = pool.map(lambda n: client.post("/reports", json=report(first + n, risks[n])), range(size))
        made = [answer.raise_for_status().json()["case"] for answer in answers]
    answered = sink.elapsed_s() - began
    sink.wait_until(lambda: _told(sink, made) == size, PATIENCE_S, f"{size} first messages")
    at = {case: first_received(sink, case) - began for case in made}
    print(f"{size} at once: all answered after {answered:.1f} s")
    print(figures(f"{size} at once, all", list(at.values())))
    print(figures(f"{size} at once, high risk", [at[c] for c, risk in zip(made, risks, strict=True) if risk == "high"]))


def _told(sink: Sink, made: list[str]) -> int:
    told = {c.body["case"] for c in sink.calls(type="notify") if c.person.startswith("insp-")}
    return len(told & set(made))


def main() -> None:
    """Run both bursts on one house."""
    parser = arguments(__doc__ or "")
    parser.add_argument("--sizes", type=int, nargs="+", default=[25, 100])
    given = parser.parse_args()
    with rig(*databases(given)) as (stack, sink):
        stack.post("/reports", report(99_999, "low"), 201)  # the first one warms the house
        first = 0
        for size in given.sizes:
            time.sleep(5)
            burst(stack, sink, size, first)
            first += size


if __name__ == "__main__":
    main()
