"""Stand-ins for ServiceNow, Slack, Teams, a pager and a language model: one process with their protocols.

They check what they are sent as the originals would (credentials, required fields, limits), keep
it in one file over a restart, and show it to people: /servicenow, /slack, /teams, /page.
"""
