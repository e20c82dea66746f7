"""What process mining reads of a ledger: an object-centric event log, and how long and how late each stage is."""
