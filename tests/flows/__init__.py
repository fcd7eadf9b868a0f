"""The join with Prefect: what the flow file says, and what a real server and a real worker make of it."""
