"""What others may know of notifications: notices and how their delivery went."""
