"""Real processes, really killed and really frozen; judged at the receiving end."""
