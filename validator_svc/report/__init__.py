"""Reports for people: what a list of results comes to, as a page that stands by itself."""
