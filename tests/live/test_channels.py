"""Mailboxes and dead telephones, through the real processes, a real mail server and a real network."""

import re
import socket
from collections.abc import Iterator
from datetime import datetime, timedelta
from email.message import EmailMessage

import pytest

from tests.live.force import AREAS, NOTICE, Force
from tests.support.mail import Mail, open_mail
from tests.support.sink import open_sink
from tests.support.stack import duty, running

pytestmark = [pytest.mark.live, pytest.mark.long, pytest.mark.timeout(240)]
ALIVE = "east_staffordshire"
DEAD = [area for area in AREAS if area != "stoke"]


@pytest.fixture(scope="module")
def mail() -> Iterator[Mail]:
    """The force's mail server."""
    with open_mail() as opened:
        yield opened


@pytest.fixture(scope="module")
def night(mail: Mail, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Force]:
    """A force in real time: one inspector with phone and mailbox, one with a phone, the others' phones are dead."""
    home = tmp_path_factory.mktemp("channels") / "home"
    settings = {"VIGIL_SMTP_URL": mail.url(), "VIGIL_MAIL_FROM": "vigil@force.test"}
    with open_sink() as sink, socket.socket() as dead, running(home, **settings) as stack:
        dead.bind(("127.0.0.1", 0))
        dead.listen(500)  # takes every call and never answers
        nobody = f"http://127.0.0.1:{dead.getsockname()[1]}/"
        rows = [duty(f"insp-{area}", "duty_inspector", area, nobody) for area in DEAD]
        rows += [duty("insp-stoke", "duty_inspector", "stoke", sink.address("insp-stoke"), email="insp@force.test")]
        rows += [duty("insp-east", "duty_inspector", ALIVE, sink.address("insp-east"))]
        rows += [duty("fim-1", "force_incident_manager", "*", sink.address("fim-1"))]
        stack.put_roster(rows)
        yield Force(stack, sink)


def test_an_inspector_gets_the_push_and_the_letter(night: Force, mail: Mail) -> None:
    """Both in the same minute; the letter's link acknowledges. Beside a phone dead for good it tells nobody."""
    case = night.report("stoke")["case"]
    (push, *_) = night.sink.wait_for("insp-stoke", within_s=20, case=case, step=NOTICE)
    letter = _letter(night, mail, case)
    told_at = datetime.fromisoformat(push.body["sent_at"])
    assert abs(told_at - night.stack.now()) < timedelta(seconds=60)
    assert letter["To"] == "insp@force.test"
    (link,) = re.findall(r"http\S+/a/\S+", letter.get_content())
    assert night.page("GET", link) == 200
    assert night.step(case)["status"] == "open"
    assert night.page("POST", link, {"decision": "acknowledge"}) == 200
    assert night.step(case)["status"] == "done"
    night.sink.answer("insp-stoke", 404, 404, 404, 404)
    other = night.report("stoke")["case"]
    _letter(night, mail, other)
    night.sink.wait_for("fim-1", within_s=20, case=other, step=NOTICE, rung=1, type="escalate")


def test_dead_phones_hold_up_nobody_else(night: Force) -> None:
    """Eight cases of high risk wait for phones that never answer; the ninth inspector is rung within seconds."""
    for area in (*DEAD, DEAD[0]):
        night.report(area, "high")
    before_s = night.sink.elapsed_s()
    case = night.report(ALIVE, "high")["case"]
    told = night.sink.wait_for("insp-east", within_s=30, case=case, step=NOTICE)
    assert told[0].at_s - before_s < 10  # a minute, when each of the eight kept its slot


def _letter(force: Force, mail: Mail, case: str) -> EmailMessage:
    for _ in force.ticks(20):
        for letter in mail.letters:
            if letter["Subject"].startswith(case):
                return letter
    raise AssertionError(f"no letter about {case}: {[letter['Subject'] for letter in mail.letters]}")
