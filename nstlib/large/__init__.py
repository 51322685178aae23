"""What a big picture needs: scales, tiles, and knowing before what it will cost."""
