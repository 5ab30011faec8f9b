"""Short asynchronous functions: a request in, what happened out."""
