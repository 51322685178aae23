"""What a run leaves behind: its result, checkpoints, and where everything came from."""
