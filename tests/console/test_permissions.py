"""The table of permissions, cell by cell, over HTTP: each role signed in as itself; the grid below is stated apart."""

from collections.abc import Callable, Iterator, Mapping

import httpx
import pytest

from console import permissions_shown
from console.access import COOKIE
from policy.permissions import MEANINGS, TABLE, Deed, Word
from policy.terms import RANK_OF_ROLE, Rank, Role
from tests.console.everybody import Force, everybody
from tests.support.house import ROOT

DEEDS = (
    *("create", "set_first_risk", "raise_risk", "lower_risk", "own", "review", "transfer", "close"),
    *("edit_policy", "approve_policy", "approve_override", "approve_pack", "read_case", "read_all"),
)
# Stated here a second time, and by hand: whoever changes the table must change it here, and say why.
GRID = """
call_handler            yes    provisional yes     no          no             no           no      no           no      no  no  no  yes         yes
control_room_operator   yes    confirm     yes     no          until_accepted no           propose no           no      no  no  no  yes         yes
control_room_sergeant   yes    confirm     yes     no          until_accepted no           propose sign         no      no  no  no  yes         yes
force_incident_manager  yes    confirm     yes     with_reason until_accepted intake       approve sign         no      no  no  no  yes         yes
duty_inspector          yes    confirm     yes     with_reason yes            yes          approve yes          no      no  no  no  own_area    no
response_sergeant       yes    confirm     yes     propose     up_to_medium   yes          propose up_to_medium no      no  no  no  own_area    no
response_officer        report no          propose no          tasks          no           no      submit       no      no  no  no  own_area    no
duty_chief_inspector    report confirm     yes     with_reason oversight      yes          approve yes          propose no  no  no  own_area    no
on_call_superintendent  report confirm     yes     yes         oversight      yes          primacy yes          propose yes yes no  yes         yes
missing_officer         yes    no          propose no          tasks          no           no      submit       no      no  no  no  own_area    no
missing_sergeant        yes    confirm     yes     propose     up_to_medium   up_to_medium propose up_to_medium no      no  no  no  own_area    no
missing_inspector       yes    confirm     yes     with_reason yes            yes          approve yes          no      no  no  no  own_area    no
missing_chief_inspector report confirm     yes     with_reason oversight      yes          approve yes          propose no  no  no  own_area    no
cid_inspector           yes    confirm     yes     with_reason yes            yes          approve yes          no      no  no  no  own_area    no
safeguarding_inspector  yes    confirm     yes     with_reason yes            yes          approve yes          no      no  no  no  own_area    no
comms_data_officer      report no          propose no          tasks          no           no      no           no      no  no  no  own_area    no
search_adviser          report no          propose no          tasks          no           no      no           no      no  no  no  own_area    no
missing_coordinator     report no          propose no          patterns       oversight    no      no           propose no  no  no  own_area    no
analyst                 report no          propose no          no             no           no      no           no      no  no  no  own_area    no
chief_officer           report no          propose yes         no             briefed      no      no           propose yes yes yes yes         yes
local_authority         report no          propose no          tasks          no           no      no           no      no  no  no  told        no
home_contact            report no          propose no          no             no           no      no           no      no  no  no  told        no
policy_admin            report no          propose no          no             no           no      no           propose yes no  no  with_reason no
auditor                 no     no          propose no          no             no           no      no           no      no  no  no  yes         yes
system                  yes    provisional yes     no          no             no           no      no           no      no  no  no  yes         yes
"""  # noqa: E501 - a grid is read as a grid
CELLS = {(role, deed): word for role, *words in map(str.split, GRID.strip().splitlines())
         for deed, word in zip(DEEDS, words, strict=True)}  # fmt: skip


@pytest.fixture(scope="module")
def force(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Force]:
    """One force for the whole grid; what is refused changes nothing."""
    with everybody(tmp_path_factory.mktemp("permissions")) as force:
        yield force


def taken(answer: httpx.Response) -> bool:
    """Tell whether it was taken; what is refused names its rule, what is missing and who may."""
    if answer.status_code in (200, 201):
        return True
    body = answer.json()
    assert answer.status_code in (403, 409), answer.text
    assert answer.status_code == 403 or (body["rule"] and body["missing"] and body["who_may"]), body
    return False


def create(force: Force, role: str, word: str) -> None:
    """A report is taken from everybody but whoever may change nothing."""
    raw = {"source": "compact", "source_id": f"by-{role}", "person": {"name": f"Seen by {role}"}, "area": "stoke"}
    assert taken(force.ask(role, "POST", "/reports", raw)) is (word in ("yes", "report"))


def set_first_risk(force: Force, role: str, word: str) -> None:
    """The first level, below what the timers run as until then."""
    answer = force.says(role, force.case(risk=None), "risk_set", level="low", rationale="as asked")
    assert taken(answer) is (word in ("provisional", "confirm"))


def raise_risk(force: Force, role: str, word: str) -> None:
    """A raise always takes effect; somebody below a sergeant leaves it to be confirmed, whatever the word."""
    ref = force.case(risk="low")
    assert taken(force.says(role, ref, "risk_set", level="high", rationale="no medication"))
    lines = force.world.web.get(f"/api/v1/cases/{ref}/journal", headers=force.world.machine).json()["entries"]
    (said,) = [line["body"] for line in lines if line["kind"] == "risk" and line["by"] == f"p-{role}"]
    assert said["after"] == "high"
    assert word in ("yes", "propose")
    assert said.get("to_confirm", False) is (RANK_OF_ROLE[Role(role)].weight < Rank.SERGEANT.weight)


def lower_risk(force: Force, role: str, word: str) -> None:
    """Lowering takes an inspector, by role and by rank."""
    answer = force.says(role, force.case(risk="high"), "risk_set", level="medium", rationale="found her phone")
    assert taken(answer) is (word in ("yes", "with_reason"))


def own(force: Force, role: str, word: str) -> None:
    """Who may own is offered the case and accepts it; a sergeant at medium and not at high."""
    for risk, fit in (("medium", {"yes", "until_accepted", "oversight", "up_to_medium"}), ("high", {"yes"})):
        if risk == "high" and word not in ("yes", "up_to_medium"):
            return
        ref = force.case(risk=risk)
        offer = {
            "kind": "delegated",
            "by": force.first_told(ref),
            "evidence": {"to": f"p-{role}", "reason": "at court"},
        }
        if not {(f"p-{role}", "duty_inspector"), (f"p-{role}", "response_sergeant")} & set(force.told(ref)):
            answer = force.world.web.post(f"/api/v1/cases/{ref}/facts", json=offer, headers=force.world.machine)
            assert taken(answer) is (word in fit), f"offered only to who may accept: {answer.text}"
        answer = force.says(role, ref, "accepted")
        assert taken(answer) is (word in fit), answer.text
        if word not in fit:
            assert answer.json()["rule"] == "permission"


def review(force: Force, role: str, word: str) -> None:
    """The first review; the control room's ends when another person owns the case."""
    said = {"decision": "go on", "rationale": "nothing new"}
    ref = force.case()
    answer = force.says(role, ref, "reviewed", "supervisor_first_review", **said)
    assert taken(answer) is (word in ("yes", "intake", "up_to_medium"))
    if word == "up_to_medium":
        answer = force.says(role, force.case(risk="high"), "reviewed", "supervisor_first_review", **said)
        assert (taken(answer), answer.json()["rule"]) == (False, "permission")


def transfer(force: Force, role: str, word: str) -> None:
    """Who proposes offers it; who approves also takes the other force's acceptance."""
    offered = force.says(role, force.case(), "transfer_offered", force="Cheshire")
    assert taken(offered) is (word in ("propose", "approve", "primacy"))
    ref = force.case()
    force.knows(ref, "transfer_offered", "insp-n", force="Cheshire")
    accepted = force.says(role, ref, "transfer_accepted", person="Inspector of Cheshire")
    assert taken(accepted) is (word in ("approve", "primacy"))


def close(force: Force, role: str, word: str) -> None:
    """Asking for the closure, and signing what another asked for."""
    ref = force.closable()
    asked = force.says(role, ref, "closure_requested", rationale="found", reason="found")
    assert taken(asked) is (word in ("yes", "up_to_medium", "submit")), asked.text
    if not taken(asked):
        force.knows(ref, "closure_requested", "insp-n", rationale="found", reason="found")
        assert taken(force.says(role, ref, "closure_signed", rationale="read")) is (word == "sign")
    elif word != "submit":
        force.knows(ref, "declined", "dci-1", "closure_sign_off", reason="by another")
        force.knows(ref, "closure_requested", "insp-n", rationale="once more", reason="found")
        assert taken(force.says(role, ref, "closure_signed", rationale="read"))


def read_case(force: Force, role: str, word: str) -> None:
    """The own area without a word; some only with a reason, some only when they were told."""
    ref = force.case()
    assert taken(force.ask(role, "GET", f"/cases/{ref}")) is (word in ("yes", "own_area"))
    if word in ("with_reason", "told"):
        answer = force.ask(role, "GET", f"/cases/{ref}", **{"X-Reason": "asked to help"})
        assert taken(answer) is (word == "with_reason")


def read_all(force: Force, role: str, word: str) -> None:
    """Another area's case: at once, or by saying why, or not at all."""
    ref = force.case(area="lichfield")
    answer = force.ask(role, "GET", f"/cases/{ref}")
    assert taken(answer) is (word == "yes")
    if word == "no" and CELLS[role, "read_case"] != "told":
        assert answer.json()["errors"][0]["field"] == "X-Reason"
        assert "send header X-Reason" in answer.json()["errors"][0]["remedy"]
        assert taken(force.ask(role, "GET", f"/cases/{ref}", **{"X-Reason": "linked to ours"}))


REVISIONS = "/packs/staffordshire_transfers/revisions"


def proposal(force: Force, **fields: object) -> dict[str, object]:
    """Give a proposal that builds on the newest revision; by default another number of seconds."""
    number = next(force.numbers)
    change = {"step": "notify_local_supervisor", "field": "due", "risk": "medium", "value": f"{600 - number}s"}
    said = {"reason": "Trial", "applies_to": "new", **(fields or {"changes": [change]})}
    return {"base": latest(force), **said}


def latest(force: Force) -> int:
    """Give the number of the newest revision that was approved; 1 is the file as it came."""
    found = force.ask("policy_admin", "GET", REVISIONS).json()["revisions"]
    return max(int(one["revision"]) for one in found if one["status"] not in ("proposed", "withdrawn"))


def edit_policy(force: Force, role: str, word: str) -> None:
    """Who may propose a revision."""
    answer = force.ask(role, "POST", REVISIONS, {**proposal(force), "by": f"p-{role}"})
    assert taken(answer) is (word == "propose"), answer.text


def approves(force: Force, role: str, word: str, **fields: object) -> None:
    """Let the coordinator propose, and the role approve."""
    made = force.ask("missing_coordinator", "POST", REVISIONS, proposal(force, **fields))
    assert made.status_code == 201, made.text
    number = made.json()["revision"]
    if role == "missing_coordinator":
        assert force.ask(role, "POST", f"{REVISIONS}/{number}/approve", {}).json()["rule"] == "second_person"
        number = force.ask("policy_admin", "POST", REVISIONS, proposal(force, **fields)).json()["revision"]
    answer = force.ask(role, "POST", f"{REVISIONS}/{number}/approve", {"by": f"p-{role}"})
    assert taken(answer) is (word == "yes"), answer.text


def approve_policy(force: Force, role: str, word: str) -> None:
    """Numbers within their ceilings."""
    approves(force, role, word)


def approve_override(force: Force, role: str, word: str) -> None:
    """A number above its national ceiling, in the name of a superintendent."""
    value = f"{96 + next(force.numbers)}h"
    change = {"step": "ukmpu_notification", "field": "due", "risk": None, "value": value}
    approves(force, role, word, changes=[change], override={"by": "sup-1", "reason": "Agreed with the unit"})


def approve_pack(force: Force, role: str, word: str) -> None:
    """A whole pack: here with another title."""
    text = force.ask("policy_admin", "GET", f"{REVISIONS}/{latest(force)}/export").text
    approves(force, role, word, text=text.replace(", with a transfer", f" {next(force.numbers)}, with a transfer"))


TRIED: Mapping[str, Callable[[Force, str, str], None]] = {
    act.__name__: act
    for act in (
        *(create, set_first_risk, raise_risk, lower_risk, own, review, transfer, close),
        *(edit_policy, approve_policy, approve_override, approve_pack, read_case, read_all),
    )
}


@pytest.mark.parametrize("deed", DEEDS)
def test_every_cell_of_a_deed(force: Force, deed: str) -> None:
    """Each role tries it: what the grid allows is taken, what it does not is refused with its rule and who may."""
    broken = []
    for role in Role:
        try:
            TRIED[deed](force, role, CELLS[role, deed])
        except AssertionError as error:
            broken.append(f"{role} ({CELLS[role, deed]}): {error}")
    assert not broken, "\n".join(broken)


def test_the_table_is_the_grid() -> None:
    """No role and no deed is missing here or there, and no cell was changed unseen."""
    assert {(row.role.value, deed.value): row[deed].value for row in TABLE.values() for deed in Deed} == CELLS
    assert set(TABLE) == set(Role)
    assert tuple(TRIED) == DEEDS == tuple(Deed)
    assert set(MEANINGS) == set(Word), "every word is explained"


def test_the_printed_table_is_the_one_in_force(force: Force) -> None:
    """The file, the API and the page say what the code does."""
    assert (ROOT / "docs" / "permissions.md").read_text(encoding="utf-8") == permissions_shown.markdown()
    given = force.ask("analyst", "GET", "/permissions").json()
    assert {(row["role"], deed): row[deed] for row in given["roles"] for deed in DEEDS} == CELLS
    cookies, _ = force.signed[Role.ANALYST]
    page = force.world.web.get("/permissions", headers={"Cookie": f"{COOKIE}={cookies[COOKIE]}"})
    assert page.status_code == 200
    for word in set(CELLS.values()):
        assert MEANINGS[Word(word)].partition(",")[0][:20] in page.text
    assert force.world.web.get("/permissions").status_code == 303, "nobody else reads it"
