"""What `make run` is made of: settings, ports, processes, and the words it prints."""
