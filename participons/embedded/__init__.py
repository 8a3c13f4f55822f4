"""What a machine without services runs on: a PostgreSQL of its own, a broker in a folder, a secret key in a file."""
