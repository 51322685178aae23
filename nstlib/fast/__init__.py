"""Methods that need no optimiser at run time: one pass, and networks for one style."""
