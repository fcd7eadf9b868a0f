"""Tests in a real browser: what a person sees and can do, without scripts, on a phone, by keyboard."""
