"""What `chimera bench detect` is made of: how fast, how large, and beside whom."""
