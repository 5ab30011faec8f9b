"""Objects to cluster, wave by wave; drift, prune, status."""
