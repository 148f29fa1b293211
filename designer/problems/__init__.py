"""Problems on the screen: cards with fixes, and the list of all of them."""
