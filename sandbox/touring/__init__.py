"""What `make tour` is made of: people with plain HTTP clients, the mailbox they read, and the steps they take."""
