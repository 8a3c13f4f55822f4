"""What is typed on the floor of the ateliers, a module per subject."""
