"""The simulation of a night without a watcher."""

from runtime.rehearse_sim import Simulation


class Quiet(Simulation):
    """A simulation in which nobody looks on: what counts is what the phones received."""

    def settle(self) -> None:
        """Do all that is due at this instant."""
        self.engine.work()
