"""The procedure, pure: case, pack and `now` in, intents out. Nothing here reads a clock or a file."""
