"""docs/procedure.md and docs/packs.md say all that the packs do: each step, each field, each word."""

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import pytest

from console.procedure import procedure_markdown, step_heading
from console.procedure_words import ANCHORS, CONDITIONS, CONSEQUENCES, GATES, KINDS, STAGES
from policy.pack import Pack
from policy.pack_grammar import AddresseeText, EvidenceText, StepText
from policy.pack_head import HeadText
from policy.terms import Anchor, Condition, Consequence, Gate, Kind, Stage
from store.packs import load_packs
from tests.support import house

AGAIN = ".venv/bin/python -m console.procedure > docs/procedure.md"


@cache
def packs() -> Mapping[str, Pack]:
    """Give the packs that come with Vigil."""
    return load_packs(None)


def test_the_procedure_is_what_the_packs_say() -> None:
    """docs/procedure.md is made from the packs, and anew whenever one changes."""
    fresh = procedure_markdown(packs())
    assert house.text(Path("docs/procedure.md")) == fresh, f"docs/procedure.md is stale; write it anew: {AGAIN}"


def _chapter(name: str) -> str:
    """Give the chapter of one pack."""
    _, _, rest = house.text(Path("docs/procedure.md")).partition(f"\n## Pack {name}\n")
    return rest.partition("\n## ")[0]


@pytest.mark.parametrize("name", sorted(load_packs(None)))
def test_every_step_of_a_pack_is_explained(name: str) -> None:
    """Key, title, times, roles, gates, form and basis stand in its chapter; what it takes as it is, by name there."""
    pack, chapter = packs()[name], _chapter(name)
    parent = packs().get(pack.inherits or "")
    for rule in pack.steps.values():
        assert f"(`{rule.key}`" in chapter, f"docs/procedure.md lacks {rule.key} of {name}: {AGAIN}"
        if parent is not None and parent.steps.get(rule.key) == rule:
            assert f"#### {step_heading(parent, rule)}\n" in _chapter(parent.name)
            continue
        _, heading, rest = chapter.partition(f"#### {step_heading(pack, rule)}\n")
        assert heading, f"docs/procedure.md lacks {rule.key} of {name}: {AGAIN}"
        said = rest.partition("\n#")[0]
        roles = [*rule.actor.values(), *(to.role for to in (*rule.tells, *rule.ladder))]
        wanted = [rule.anchor, rule.basis.rule, rule.basis.time, rule.guidance, *roles, *rule.gate, *rule.done_by]
        wanted += [*rule.when, *(str(span) for span in (*rule.due.values(), *rule.every.values(), *rule.series))]
        wanted += [field.name for field in rule.evidence] + ([str(rule.ceiling)] if rule.ceiling else [])
        wanted += [rule.hours.from_local, rule.hours.to_local] if rule.hours else []
        assert [word for word in wanted if word not in said] == [], rule.key


def test_what_a_force_changes_stands_beside_what_it_changes() -> None:
    """In full, with the baseline's words beside those that differ; what it has not changed, once."""
    chapter = _chapter("staffordshire")
    notice = chapter.partition("#### FIM tells the LOI and the sergeant (`notify_local_supervisor`, staffordshire)")[2]
    assert "\n|  | staffordshire | uk_app_baseline |\n" in notice
    due = "very low 15m, low 15m, medium 10m, high 5m | very low 30m, low 20m, medium 10m, high 5m"
    assert f"| Due | {due} |" in notice.partition("\n#")[0]
    assert "[Record the incident](#record-the-incident-record_incident-uk_app_baseline)" in chapter
    assert "#### Record the incident" not in chapter


# Every step that belongs to a case (contract section 8), by the pack in which it begins ...
CASE_STEPS = {
    "uk_app_baseline": """
        record_incident initial_risk_assessment system_research inspector_confirms_risk create_case_record
        concern_for_welfare_watch decline_decision set_review_time notify_local_supervisor log_notification_in_c_and_c
        named_owner_accepts deploy_and_attend unresourced_reassessment no_activity_watch search_home
        supervisor_first_review media_and_cra_decision update_reporter comms_data_obtained comms_data_analysed
        reassess_on_new_information national_circulation ukmpu_notification childrens_services identification_samples
        sergeant_review inspector_review detective_review superintendent_review chief_officer_briefed long_term_review
        shift_handover transfer_to_force verify_seen prevention_interview rhi_request rhi_outcome cancel_circulation
        closure_sign_off closed_case_watch""",
    "staffordshire": "care_home_assessment",
    "derbyshire_mpt": """
        allocate_team_officer redacted_partner_report partner_proforma philomena_form home_spoc_contacted""",
    "metropolitan": """
        ownership_at_48h action_owner_register early_review overnight_no_activity_watch link_re_report""",
}
# ... and those that belong to the force, which come later, each with the reason.
LATER = {
    "a meeting, or what it is held over": """
        repeat_trigger daily_divisional_briefing daily_tasking_meeting review_meeting top_six_list
        monthly_performance_meeting monthly_tactical_meeting quarterly_strategic_meeting""",
    "work on quality, over many cases": """
        dip_sample double_log_reconciliation evaluation found_in_time_measure superintendent_dip_sample
        bcu_health_check assurance_board quarterly_thematic_review""",
}


@pytest.mark.parametrize("name", sorted(CASE_STEPS))
def test_every_step_of_a_case_is_in_its_pack(name: str) -> None:
    """The baseline's are in all four; a force's own in its own. What comes later is named with the reason."""
    wanted = [*CASE_STEPS["uk_app_baseline"].split(), *CASE_STEPS[name].split()]
    assert [key for key in wanted if key not in packs()[name].steps] == []
    chapter = _chapter(name)
    assert [key for key in wanted if f"(`{key}`" not in chapter] == []


def test_no_step_is_in_a_pack_and_said_to_come_later() -> None:
    """The list of what comes later gets shorter, and never lies."""
    later = " ".join(LATER.values()).split()
    assert [key for key in later if any(key in pack.steps for pack in packs().values())] == []


def test_every_word_of_a_pack_has_its_explanation() -> None:
    """A new anchor, gate, condition, kind, stage or consequence is explained in console/procedure_words.py."""
    lacking = [*(set(Anchor) - set(ANCHORS)), *(set(Gate) - set(GATES)), *(set(Consequence) - set(CONSEQUENCES))]
    lacking += [*(set(Condition) - set(CONDITIONS)), *(set(Kind) - set(KINDS)), *(set(Stage) - set(STAGES))]
    assert not lacking, f"console/procedure_words.py does not explain: {', '.join(lacking)}"


def test_every_word_of_a_pack_is_in_its_guide() -> None:
    """Each field of the head, of a step, of a form's field and of a rung; each anchor's, gate's and condition's key."""
    page = house.text(Path("docs/packs.md"))
    models = (HeadText, StepText, EvidenceText, AddresseeText)
    fields = {name for model in models for name in model.model_fields}
    assert sorted(name for name in fields if not re.search(rf"[`\[. ]{name}\b", page)) == []
    assert [word for words in (Condition, Gate) for word in words if word not in page] == []
