"""The store's contract, held on every database that it may lie in."""
