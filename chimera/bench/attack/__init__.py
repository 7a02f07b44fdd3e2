"""What `chimera bench injection` runs: attacks, a model that obeys them, and what came of it."""
