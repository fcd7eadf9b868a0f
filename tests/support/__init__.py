"""What the tests are written with: clocks, channels, worlds, faults, groups."""
