"""What may be set about the force's own sign-in service (OpenID Connect), and what is wrong with it."""

from collections.abc import Mapping
from urllib.parse import urlsplit

from policy.terms import Role

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
ROLES = (Role.POLICY_ADMIN.value, Role.AUDITOR.value)  # what a duty on the roster never gives
REMEDIES: Mapping[str, str] = {
    "oidc_issuer": "write the issuer's address, such as https://login.force.example/realms/force, and set"
    " VIGIL_OIDC_CLIENT_ID; docs/connecting.md says how",
    "oidc_roles": 'write [oidc_roles] and below it "<value of the claim>" = "policy_admin" or "auditor"',
}


def is_safe(address: str) -> bool:
    """Tell whether what is said to this address stays private: https, or this machine itself."""
    parts = urlsplit(address)
    if not parts.hostname:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)


def check_issuer(issuer: str, client_id: str | None) -> str:
    """Give the issuer back, or raise ValueError with what is the matter."""
    parts = urlsplit(issuer)
    if not is_safe(issuer):
        raise ValueError("is no https:// address (http:// is taken on this machine alone)")
    if parts.query or parts.fragment or parts.username:
        raise ValueError("holds more than an issuer's address")
    if not client_id:
        raise ValueError("is set, but VIGIL_OIDC_CLIENT_ID is not")
    return issuer


def check_roles(roles: Mapping[str, str]) -> Mapping[str, str]:
    """Give the mapping back, or raise ValueError when it gives a role that only a roster can give."""
    if odd := [role for role in roles.values() if role not in ROLES]:
        raise ValueError(f"{odd[0]!r} is not given by a claim; known are {' and '.join(ROLES)}")
    return roles
