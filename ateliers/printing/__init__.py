"""What is printed: for each paper, its Typst source and what fills it."""
