"""Nights written down, each played through and judged."""
