"""What shows a graph: its picture, its tape, the explanation of a derivative, questions on it."""
