"""The gateway: what it lets in, what it passes on, and what it shows."""
