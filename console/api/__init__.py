"""The HTTP API under /api/v1 (contract sections 1 to 8)."""
