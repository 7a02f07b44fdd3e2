"""The estate bench: one fault after the other, and what Chimera made of each."""
