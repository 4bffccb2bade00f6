"""The rules of notices, deliveries and subscriptions; standard library and contracts only."""
