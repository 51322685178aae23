"""The lessons as files: notebooks, their outputs, and the course's own pictures."""
