"""The command line, ``nst``: one file for each command."""
