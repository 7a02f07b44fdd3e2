"""What `chimera bench forecast` is made of: series, back-test, and how early what runs out is told."""
