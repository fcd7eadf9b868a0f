"""Settings of the force's own sign-in service: what is taken, and what is said of the rest."""

from pathlib import Path

import pytest

from policy.errors import Invalid
from runtime.settings import load

CLIENT = {"oidc_client_id": "vigil"}


def faults(tmp_path: Path, **flags: object) -> dict[str, str]:
    """The faults of these flags on this home: field to message and remedy."""
    with pytest.raises(Invalid) as refused:
        load({"home": tmp_path, **flags})
    return {fault.field: f"{fault.message}; {fault.remedy}" for fault in refused.value.faults}


@pytest.mark.parametrize(
    "issuer", ["https://login.force.example/realms/force", "http://127.0.0.1:9000/o", "http://[::1]:9000"]
)
def test_https_or_this_machine(tmp_path: Path, issuer: str) -> None:
    """An issuer's address is kept to the letter."""
    assert load({"home": tmp_path, "oidc_issuer": issuer, **CLIENT}).oidc_issuer == issuer


@pytest.mark.parametrize(
    "issuer",
    [
        "http://login.force.example",
        "login.force.example",
        "https://",
        "https://u@force.example",
        "https://f.example?a=b",
    ],
)
def test_others_are_refused(tmp_path: Path, issuer: str) -> None:
    """What would be spoken in the open, or is no issuer."""
    assert "write the issuer's address" in faults(tmp_path, oidc_issuer=issuer, **CLIENT)["oidc_issuer"]


def test_an_issuer_needs_a_client(tmp_path: Path) -> None:
    """Half a setting is said at the start, not at the first sign-in."""
    found = faults(tmp_path, oidc_issuer="https://login.force.example")["oidc_issuer"]
    assert "VIGIL_OIDC_CLIENT_ID is not" in found


def test_a_claim_gives_two_roles_alone(tmp_path: Path) -> None:
    """What somebody is on duty as comes from the roster, never from a claim."""
    found = faults(tmp_path, oidc_roles={"bosses": "chief_officer"})["oidc_roles"]
    assert "policy_admin and auditor" in found
    assert load({"home": tmp_path, "oidc_roles": {"a": "auditor"}}).oidc_roles == {"a": "auditor"}


def test_the_secret_is_in_no_fault_and_no_repr(tmp_path: Path) -> None:
    """Whatever is printed of settings."""
    assert "s3cret" not in repr(load({"home": tmp_path, "oidc_client_secret": "s3cret", **CLIENT}))
    assert "s3cret" not in str(faults(tmp_path, oidc_client_secret=["s3cret"]))
