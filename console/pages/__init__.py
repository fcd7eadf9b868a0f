"""The pages: made on the server, without scripts, for phone, keyboard, screen and paper."""
