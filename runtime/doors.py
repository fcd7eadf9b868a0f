"""The doors: the only place where policy, store and clock meet, and the only one that writes.

Each door loads, asks policy, writes in one transaction and gives a named value. Console, tasks, timer and watchdog
all come through them; whoever comes second finds it done. After its commit a door knocks; a lost knock costs a second.
"""

from runtime.acts import Act, Due, Resting
from runtime.door_accounts import (
    add_account,
    change_password,
    disable_account,
    make_token,
    revoke_token,
    token_of,
    unlock_account,
)
from runtime.door_alarm import clear_alarm, list_alarm, look_at_alarms, pass_failed, pass_went_well, ring
from runtime.door_deliver import called_off, deliver, deliver_home, give_up, untold
from runtime.door_facts import record
from runtime.door_force_account import force_account, unbind_account
from runtime.door_intake import Reported, refuse_intake, report
from runtime.door_pass import advance, answer, release, renew, resting
from runtime.door_repair import goes_on_in, prefect_repaired, run_of, run_repaired
from runtime.door_sign_in import begin_session, end_session, right_password, session_of, wrong_password

__all__ = [
    "Act",
    "Due",
    "Reported",
    "Resting",
    "add_account",
    "advance",
    "answer",
    "begin_session",
    "called_off",
    "change_password",
    "clear_alarm",
    "deliver",
    "deliver_home",
    "disable_account",
    "end_session",
    "force_account",
    "give_up",
    "goes_on_in",
    "list_alarm",
    "look_at_alarms",
    "make_token",
    "pass_failed",
    "pass_went_well",
    "prefect_repaired",
    "record",
    "refuse_intake",
    "release",
    "renew",
    "report",
    "resting",
    "revoke_token",
    "right_password",
    "ring",
    "run_of",
    "run_repaired",
    "session_of",
    "token_of",
    "unbind_account",
    "unlock_account",
    "untold",
    "wrong_password",
]
