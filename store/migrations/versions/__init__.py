"""One file a change; the number says the order."""
