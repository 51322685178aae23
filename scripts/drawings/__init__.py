"""The diagrams of the lessons, one file for each subject; `diagrams.py` draws them."""
