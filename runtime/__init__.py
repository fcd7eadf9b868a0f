"""What makes the procedure live: clock, settings, doors, engine, timer, and the parts that `vigil up` runs."""
