"""`chimera bench slack`: how soon Slack hears that a message arrived while alerts pour in."""
