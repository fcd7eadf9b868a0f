"""Whole procedures on a simulated clock: a machine that does whatever people do, and years that pass in a second."""
