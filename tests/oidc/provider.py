"""A real OpenID Provider in one file: Django OAuth Toolkit, run by the Python of `.oidc` (make .oidc).

It shares no code with the client under test, so that an error of one is not made good by the same error of the other.
It knows the people whom it is told of, has its own sign-in page, keeps codes and tokens in a database of its own,
demands PKCE and signs with a key made at its start. When it is ready it prints its issuer as a line of JSON.
"""

import argparse
import json
import sys
from pathlib import Path

import django
from django.conf import settings
from django.core.management import call_command
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.core.wsgi import get_wsgi_application
from jwcrypto.jwk import JWK

ME = "__main__"
APPS = ("admin", "auth", "contenttypes", "sessions", "messages")
MIDDLEWARE = (
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
)
CONTEXT = (
    "django.template.context_processors.request",
    "django.contrib.auth.context_processors.auth",
    "django.contrib.messages.context_processors.messages",
)


def asked() -> argparse.Namespace:
    """Read what the test asks for."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--client", required=True, help="id:secret")
    parser.add_argument("--back", required=True, help="where people are sent back to")
    parser.add_argument("--out", required=True, help="where people are sent who signed out")
    parser.add_argument("--people", type=json.loads, required=True, help="name to password")
    return parser.parse_args()


def set_up(home: Path) -> None:
    """Make Django what a force's sign-in service is."""
    settings.configure(
        SECRET_KEY="for tests alone",
        ALLOWED_HOSTS=["localhost"],
        ROOT_URLCONF=ME,
        LOGIN_URL="/sign-in",
        INSTALLED_APPS=[*(f"django.contrib.{app}" for app in APPS), "oauth2_provider"],
        MIDDLEWARE=MIDDLEWARE,
        TEMPLATES=[
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "APP_DIRS": True,
                "OPTIONS": {"context_processors": CONTEXT},
            }
        ],
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": home / "provider.db"}},
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        STATIC_URL="/static/",
        USE_TZ=True,
        OAUTH2_PROVIDER={
            "OIDC_ENABLED": True,
            "OIDC_RSA_PRIVATE_KEY": JWK.generate(kty="RSA", size=2048).export_to_pem(True, None).decode(),
            "OIDC_RP_INITIATED_LOGOUT_ENABLED": True,
            "OAUTH2_VALIDATOR_CLASS": f"{ME}.Claims",
            "SCOPES": {"openid": "who you are", "profile": "what you are called"},
            "ALLOWED_REDIRECT_URI_SCHEMES": ["http"],
            "PKCE_REQUIRED": True,
        },
    )
    django.setup()
    call_command("migrate", verbosity=0)


if __name__ == "__main__":
    given = asked()
    set_up(given.home)

    from django.contrib import admin
    from django.contrib.auth.models import User  # Django's models, views and addresses need its settings first
    from django.contrib.auth.views import LoginView
    from django.urls import include, path
    from oauth2_provider.models import Application
    from oauth2_provider.oauth2_validators import OAuth2Validator

    class Claims(OAuth2Validator):  # type: ignore[misc] # it lives in another environment, without types here
        """Says the name by which a person signs in."""

        oidc_claim_scope = None

        def get_additional_claims(self, request):  # type: ignore[no-untyped-def] # the signature is its library's
            """Give what the ID token says beyond the subject."""
            return {"preferred_username": request.user.username}

    urlpatterns = [
        path("o/", include("oauth2_provider.urls", namespace="oauth2_provider")),
        path("admin/", admin.site.urls),  # the sign-in page is drawn in its frame
        path("sign-in", LoginView.as_view(template_name="admin/login.html")),
    ]
    for name, password in given.people.items():
        User.objects.create_user(name, password=password)
    client, _, secret = given.client.partition(":")
    Application.objects.create(
        client_id=client,
        client_secret=secret,
        client_type=Application.CLIENT_CONFIDENTIAL,
        authorization_grant_type=Application.GRANT_AUTHORIZATION_CODE,
        redirect_uris=given.back,
        post_logout_redirect_uris=given.out,
        algorithm=Application.RS256_ALGORITHM,
        skip_authorization=True,
    )
    server = ThreadedWSGIServer(("127.0.0.1", 0), WSGIRequestHandler)
    server.set_app(get_wsgi_application())
    # By another name than Vigil's: to a browser the two are different sites, as they are in a force.
    sys.stdout.write(json.dumps({"issuer": f"http://localhost:{server.server_port}/o"}) + "\n")
    sys.stdout.flush()
    server.serve_forever()
