"""What a document computes, what is wrong with it, and what would fix it."""
