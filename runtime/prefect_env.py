"""The environment of Prefect's server and of our worker: what is set, and why.

Both processes get the same: a setting of the server does nothing in the worker, and the other way.
Fewer of Prefect's own services write into the same file, and those that do write many rows at once: on
SQLite that is the difference between runs that are created and answers of 503 when reports come together.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from runtime.databases import for_prefect
from runtime.engine import LOOPBACK

# Nothing leaves this machine, and nothing is advertised to a control room.
_SILENCE: Final[Mapping[str, str]] = {
    "DO_NOT_TRACK": "1",  # the command line's own telemetry
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",  # the server's
    "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",  # no advertisements
    "PREFECT_CLOUD_ENABLE_ORCHESTRATION_TELEMETRY": "false",  # no trace ids on runs: a call each
    "PREFECT_TELEMETRY_ENABLE_RESOURCE_METRICS": "false",  # no thread that measures each run
}

# What would act on a case's run behind our back, or only costs.
_SERVICES: Final[Mapping[str, str]] = {
    # Fails paused runs whose time is up; ours wait without end, and nothing may end a case.
    "PREFECT_SERVER_SERVICES_PAUSE_EXPIRATIONS_ENABLED": "false",
    # Renames runs that wait in the queue, all at once after an outage: on SQLite that alone gives
    # a minute of "database is locked". The watchdog tells lateness by who was told, not by runs.
    "PREFECT_SERVER_SERVICES_LATE_RUNS_ENABLED": "false",
    # Cleans up after infrastructure; a pass has none.
    "PREFECT_SERVER_SERVICES_CLEANUP_RECONCILER_ENABLED": "false",
    "PREFECT_SERVER_SERVICES_CANCELLATION_CLEANUP_ENABLED": "false",
    # Leases of concurrency limits; we set none.
    "PREFECT_SERVER_SERVICES_REPOSSESSOR_ENABLED": "false",
    # Automations: no duty of ours may rest on one (they are lost in storms), and each event costs.
    "PREFECT_SERVER_SERVICES_TRIGGERS_ENABLED": "false",
    # Schedules of deployments: ours have none, the timer starts what is periodic.
    "PREFECT_SERVER_SERVICES_SCHEDULER_ENABLED": "false",
    # Events to websockets: nobody listens; pages of the server ask anew.
    "PREFECT_SERVER_EVENTS_STREAM_OUT_ENABLED": "false",
}

# Task runs and events are written many at a time, not one transaction each: fewer locks on SQLite.
_BATCHES: Final[Mapping[str, str]] = {
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_BATCH_SIZE": "50",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_READ_BATCH_SIZE": "50",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_FLUSH_INTERVAL": "1",  # s until a task run shows
    "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_BATCH_SIZE": "200",
    "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_READ_BATCH_SIZE": "50",
    "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_FLUSH_INTERVAL": "5",
}

_CALLS: Final[Mapping[str, str]] = {
    "PREFECT_SERVER_API_KEEPALIVE_TIMEOUT": "75",  # s; with 5 each call after a lull connects anew
    "PREFECT_CLIENT_SERVER_VERSION_CHECK_ENABLED": "false",  # both come from one lock
    "PREFECT_CLIENT_CSRF_SUPPORT_ENABLED": "false",  # asks for a token; the server issues none
    "PREFECT_TASK_RUNNER_THREAD_POOL_MAX_WORKERS": "8",  # acts of one stage that go out side by side
    "PREFECT_RESULTS_PERSIST_BY_DEFAULT": "false",  # no result of ours is kept by Prefect
    "PREFECT_LOGGING_TO_API_BATCH_INTERVAL": "3",  # s until a line shows in the run's Logs
    "PREFECT_LOGGING_TO_API_WHEN_MISSING_FLOW": "ignore",  # our own threads log outside of runs
    "PREFECT_LOGGING_COLORS": "false",  # what is read is a file
}


def prefect_env(home: Path, api_url: str, database_url: str | None = None, auth: str | None = None) -> dict[str, str]:
    """Give the environment in which Prefect's server and our worker of a home are started."""
    own = {
        "PREFECT_HOME": str(home / "prefect"),  # several homes run side by side
        "PREFECT_PROFILES_PATH": str(home / "prefect" / "profiles.toml"),
        "PREFECT_UI_STATIC_DIRECTORY": str(home / "prefect" / "ui"),  # its pages, too, are written under the home
        "PREFECT_API_URL": api_url,
        "PREFECT_SERVER_EPHEMERAL_ENABLED": "false",  # no server of its own accord, ever
    }
    if database_url:
        own["PREFECT_API_DATABASE_CONNECTION_URL"] = for_prefect(database_url)
    if auth:
        own["PREFECT_SERVER_API_AUTH_STRING"] = auth
        own["PREFECT_API_AUTH_STRING"] = auth
    if urlsplit(api_url).hostname in LOOPBACK:
        # Loading the certificates costs 45 ms a client, and loopback has no TLS.
        own["PREFECT_API_TLS_INSECURE_SKIP_VERIFY"] = "true"
    return {**_SILENCE, **_SERVICES, **_BATCHES, **_CALLS, **own}
