"""Measurements that anyone can run: `python -m bench.latency`, or all with `make bench`. They print, never assert."""
