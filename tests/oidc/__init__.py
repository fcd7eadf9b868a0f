"""Signing in with a force's own accounts, against a provider that is not ours."""
