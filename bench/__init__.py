"""Measurements that anyone can run: `python -m bench.latency`, `python -m bench.burst`. They print and never assert."""
