"""What `chimera bench rca` is made of: cases from files, rival methods, scores."""
