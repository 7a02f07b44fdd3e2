"""Questions over data: from words to roles (what, of which, by what, in which order), to SQL."""
