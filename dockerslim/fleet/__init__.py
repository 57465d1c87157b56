"""Many Dockerfiles: finding them, opening each with its context, fixing all of them."""
