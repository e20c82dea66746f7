"""Policy as data: rules with their basis, dated packs, calendars, reference tables. Decides nothing."""
