"""What both benches stand on: a stack of their own, and hands and eyes in it."""
