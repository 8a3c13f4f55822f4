"""What is printed for whoever signs."""
