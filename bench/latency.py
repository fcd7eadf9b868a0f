"""How long from a report's POST until the inspector's phone has received it, on a quiet night.

`python -m bench.latency`: 100 reports, one every 3 seconds. Times are taken at the receiver.
"""

import time

from bench._rig import arguments, databases, figures, first_received, report, rig


def main() -> None:
    """Send the reports, wait for each message, print the figures."""
    parser = arguments(__doc__ or "")
    parser.add_argument("--reports", type=int, default=100)
    parser.add_argument("--every", type=float, default=3.0, help="seconds between two reports")
    given = parser.parse_args()
    accepted, received = [], []
    with rig(*databases(given)) as (stack, sink), stack.client() as client:
        client.post("/reports", json=report(99_999, "low")).raise_for_status()  # the first one warms the house
        time.sleep(given.every)
        for number in range(given.reports):
            began = sink.elapsed_s()
            case = client.post("/reports", json=report(number, "medium")).raise_for_status().json()["case"]
            answered = sink.elapsed_s()
            sink.wait_for(within_s=60, case=case, type="notify", times=2)
            at = first_received(sink, case)
            accepted.append(answered - began)
            received.append(at - began)
            time.sleep(max(given.every - (sink.elapsed_s() - began), 0))
    print(figures("report answered (from POST sent)", accepted))
    print(figures("first message received (from POST sent)", received))


if __name__ == "__main__":
    main()
