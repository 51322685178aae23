"""Films: reading and writing them, painting them so that they do not flicker."""
