"""Ranks, and the roles that people hold on duty; rank follows the role unless the roster says otherwise."""

from enum import StrEnum


class Rank(StrEnum):
    """Ranks from the lowest to the highest; detective ranks equal uniform ranks."""

    STAFF = "staff"
    PC = "pc"
    SERGEANT = "sergeant"
    INSPECTOR = "inspector"
    CHIEF_INSPECTOR = "chief_inspector"
    SUPERINTENDENT = "superintendent"
    CHIEF_SUPERINTENDENT = "chief_superintendent"
    ACC = "acc"

    @property
    def weight(self) -> int:
        """Order the ranks: 0 for staff, 7 for an assistant chief constable."""
        return _WEIGHT[self]


_WEIGHT = {rank: weight for weight, rank in enumerate(Rank)}


class Role(StrEnum):
    """What a person is on duty as; a force's own word for it is a label in its pack."""

    CALL_HANDLER = "call_handler"
    CONTROL_ROOM_OPERATOR = "control_room_operator"
    CONTROL_ROOM_SERGEANT = "control_room_sergeant"
    FORCE_INCIDENT_MANAGER = "force_incident_manager"
    DUTY_INSPECTOR = "duty_inspector"
    RESPONSE_SERGEANT = "response_sergeant"
    RESPONSE_OFFICER = "response_officer"
    DUTY_CHIEF_INSPECTOR = "duty_chief_inspector"
    ON_CALL_SUPERINTENDENT = "on_call_superintendent"
    MISSING_OFFICER = "missing_officer"
    MISSING_SERGEANT = "missing_sergeant"
    MISSING_INSPECTOR = "missing_inspector"
    MISSING_CHIEF_INSPECTOR = "missing_chief_inspector"
    CID_INSPECTOR = "cid_inspector"
    SAFEGUARDING_INSPECTOR = "safeguarding_inspector"
    COMMS_DATA_OFFICER = "comms_data_officer"
    SEARCH_ADVISER = "search_adviser"
    MISSING_COORDINATOR = "missing_coordinator"
    ANALYST = "analyst"
    CHIEF_OFFICER = "chief_officer"
    LOCAL_AUTHORITY = "local_authority"
    HOME_CONTACT = "home_contact"
    POLICY_ADMIN = "policy_admin"
    AUDITOR = "auditor"
    SYSTEM = "system"


RANK_OF_ROLE: dict[Role, Rank] = dict.fromkeys(Role, Rank.STAFF) | {
    Role.CONTROL_ROOM_SERGEANT: Rank.SERGEANT,
    Role.FORCE_INCIDENT_MANAGER: Rank.INSPECTOR,
    Role.DUTY_INSPECTOR: Rank.INSPECTOR,
    Role.RESPONSE_SERGEANT: Rank.SERGEANT,
    Role.RESPONSE_OFFICER: Rank.PC,
    Role.DUTY_CHIEF_INSPECTOR: Rank.CHIEF_INSPECTOR,
    Role.ON_CALL_SUPERINTENDENT: Rank.SUPERINTENDENT,
    Role.MISSING_OFFICER: Rank.PC,
    Role.MISSING_SERGEANT: Rank.SERGEANT,
    Role.MISSING_INSPECTOR: Rank.INSPECTOR,
    Role.MISSING_CHIEF_INSPECTOR: Rank.CHIEF_INSPECTOR,
    Role.CID_INSPECTOR: Rank.INSPECTOR,
    Role.SAFEGUARDING_INSPECTOR: Rank.INSPECTOR,
    Role.SEARCH_ADVISER: Rank.SERGEANT,
    Role.CHIEF_OFFICER: Rank.ACC,
}
