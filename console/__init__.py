"""Where people and machines meet Vigil: the API, the pages, the command line."""
