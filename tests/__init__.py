"""The tests of Vigil; read tests/test_story.py first."""
