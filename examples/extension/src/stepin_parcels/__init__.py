"""An extension of a desk: where parcels are, who chases one, and a brain that answers at once."""
