"""One force for each test, as the console's tests have it."""

from tests.console.conftest import world

__all__ = ["world"]
