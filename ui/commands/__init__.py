"""The commands, one file for each kind of thing they work on. Only typer is imported before a command runs."""
