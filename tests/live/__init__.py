"""Vigil as its users run it: real Prefect server, real worker, real HTTP."""
