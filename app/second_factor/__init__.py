"""A second proof at sign-in: a code from a phone (RFC 6238), and recovery codes on paper for when it is lost."""
