"""What interrupts the painting of a film."""


class Stop:
    """A callback that interrupts a run after some frames."""

    def __init__(self, after):
        self.after, self.seen = after, 0

    def __call__(self, step):
        self.seen += 1
        if self.seen == self.after:
            raise KeyboardInterrupt
