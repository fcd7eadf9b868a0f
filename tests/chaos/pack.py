"""The pack of these tests: Staffordshire's, in which only the notice and its ladder press within the hour.

Everything else that is asked of a case is asked, and then left alone: the phones hear what is judged, and two
cores carry it at sixty times the speed of the clock.
"""

from pathlib import Path

from policy.pack import Pack
from store.packs import load_packs

NAME = "chaos"
_ONCE = (
    *("inspector_confirms_risk", "system_research", "set_review_time", "log_notification_in_c_and_c"),
    *("named_owner_accepts", "deploy_and_attend", "search_home", "supervisor_first_review", "no_activity_watch"),
)
_SERIES = ("sergeant_review", "inspector_review", "unresourced_reassessment")


def put_pack(home: Path, retry: str) -> Pack:
    """Write the pack into a home that has not been started yet, with this pause between reminders, and give it."""
    steps = [f'[steps.{key}]\ndue = "40h"\n' for key in _ONCE]
    steps += [f'[steps.{key}]\nevery = "40h"\n' for key in _SERIES]
    steps += ['[steps.update_reporter]\nfirst = "40h"\ndue = "40h"\n']
    steps += ['[steps.detective_review]\ndue = "40h"\nevery = "40h"\n']
    steps += ['[steps.superintendent_review]\ndue = "72h"\nevery = "72h"\n']
    steps += [f'[steps.notify_local_supervisor]\nretry = "{retry}"\n']
    head = f'pack = "{NAME}"\ninherits = "staffordshire"\ntitle = "Staffordshire, under fire"\nsources = "CHOSEN"\n'
    file = home / "packs" / f"{NAME}.toml"
    file.parent.mkdir(parents=True)
    file.write_text("\n".join([head, *steps]), encoding="utf-8")
    return load_packs(home)[NAME]
