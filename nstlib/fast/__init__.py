"""Methods that need no optimizer at run time: one pass, and networks for one style."""
