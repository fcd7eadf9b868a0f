"""The stages of the procedure: each act that is due becomes one Prefect task run."""
