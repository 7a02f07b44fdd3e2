"""What the agents of a conversation share: their shape, how they look, how answers are put."""
