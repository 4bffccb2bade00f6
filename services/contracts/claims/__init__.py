"""What others may know of claims: units, items on the claim list, claims and their scores."""
