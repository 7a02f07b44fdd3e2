"""Stand-ins for ServiceNow, Slack and a pager: one process that speaks their wire protocols.

They check what they are sent as the originals would (credentials, required fields, limits), keep
it in one file over a restart, and show it on one page each: /servicenow, /slack, /page.
"""
