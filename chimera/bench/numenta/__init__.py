"""What `chimera bench nab` is made of: files, the score, the peers, the table."""
