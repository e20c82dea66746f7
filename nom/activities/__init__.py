"""All input and output: ledger, sequencer, projections, hand-offs. Decides nothing."""
