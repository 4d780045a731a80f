"""The peers, each a program of its own, written the way others write them."""
