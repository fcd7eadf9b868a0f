"""The schema's changes, in order; store/upgrade.py applies them."""
