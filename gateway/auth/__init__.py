"""Who is asking, and may they: accounts, sessions, sign-in, and the policy every route names."""
