"""What people touch. Turns what they ask into commands and shows what happened; decides nothing."""
