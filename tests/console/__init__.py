"""Tests of the console: over HTTP, against a real store."""
