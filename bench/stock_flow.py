"""The same job as Prefect's documentation suggests it: a flow tells the inspector, then is suspended until they answer.

Nothing here is Vigil's: `bench/stock.py` hands the file to a stock Prefect server and a stock worker.
"""

import httpx
from prefect import flow, task
from prefect.flow_runs import suspend_flow_run

POOL = "stock"
ANSWER_S = 3600  # how long the run waits for the acknowledgement


@task(retries=3, retry_delay_seconds=[1, 3, 6], persist_result=True)
def tell(address: str, case: str) -> int:
    """Push the case to the inspector; kept as a result, so that the resumed flow does not push it again."""
    return httpx.post(address, json={"type": "notify", "case": case}, timeout=5).raise_for_status().status_code


@flow(name="tell-and-wait")
def tell_and_wait(address: str, case: str) -> None:
    """Tell the inspector, then leave the process until somebody acknowledges."""
    tell(address, case)
    suspend_flow_run(timeout=ANSWER_S)
