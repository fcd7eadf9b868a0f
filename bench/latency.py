"""How long from a report's POST until the inspector's phone has received it, on a quiet night.

`python -m bench.latency`: 100 reports, one every 3 seconds. Times are taken at the receiver. With `--stock` the same
job is then given, in the same run, to Prefect as its documentation suggests (bench/stock.py), and the two are compared.
"""

import argparse
import time

from bench._rig import Figures, Rig, arguments, first_received, keep, report, rig, warm_up
from bench.stock import ask_for_stock, measure_stock

PATIENCE_S = 60


def measure(here: Rig, reports: int, every_s: float) -> tuple[Figures, Figures]:
    """Send reports one at a time; give how long each took to be answered, and to be received."""
    accepted, received = [], []
    with here.stack.client() as client:
        for number in range(reports):
            began = here.sink.elapsed_s()
            answer = client.post("/reports", json=report(number, "medium")).raise_for_status()
            accepted.append(here.sink.elapsed_s() - began)
            case = answer.json()["case"]
            here.sink.wait_for(within_s=PATIENCE_S, case=case, type="notify", times=2)
            received.append(first_received(here.sink, case) - began)
            time.sleep(max(every_s - (here.sink.elapsed_s() - began), 0))
    return Figures.of(accepted), Figures.of(received)


def main() -> None:
    """Send the reports, wait for each message, print the figures."""
    parser = arguments(__doc__ or "")
    parser.add_argument("--reports", type=int, default=100)
    parser.add_argument("--every", type=float, default=3.0, help="seconds between two reports")
    parser.add_argument("--stock", action="store_true", help="then the same job done as Prefect suggests")
    ask_for_stock(parser)
    given = parser.parse_args()
    with rig(given) as here:
        warm_up(here.stack)
        accepted, received = measure(here, given.reports, given.every)
        accepted.say("report answered (from POST sent)")
        received.say("first message received (from POST sent)")
        keep(given, {"latency_p50": received.p50, "latency_p99": received.p99, "answered_p50": accepted.p50})
        if given.stock:  # Vigil has nothing to do meanwhile
            _compare(given, here, received)


def _compare(given: argparse.Namespace, here: Rig, received: Figures) -> None:
    stock = measure_stock(given, here.sink, here.bases)
    ratio = stock.p50 / received.p50
    print(f"the stock way's median is {ratio:.0f} times ours ({stock.p50:.2f} s : {received.p50:.2f} s)")
    keep(given, {"stock_p50": stock.p50, "stock_ratio": ratio})


if __name__ == "__main__":
    main()
