"""`chimera bench chat`: a chat turn beside the same LangGraph graph with nothing of Chimera around it."""
