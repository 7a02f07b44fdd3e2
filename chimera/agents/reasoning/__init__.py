"""A model beside the rules: hypotheses, looks of its own, an opinion. It never ranks."""
