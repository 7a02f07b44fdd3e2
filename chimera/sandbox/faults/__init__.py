"""What can be broken in the practice estate, one fault a file."""
