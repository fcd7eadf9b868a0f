"""The only room that knows sessions: what is written together is written in one transaction."""
