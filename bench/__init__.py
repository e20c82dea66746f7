"""What a command costs here, always beside a yardstick that ran in the same minute. Never imported by nom."""
