"""The operating model for group-based child sexual exploitation as durable processes. Does nothing by itself."""
