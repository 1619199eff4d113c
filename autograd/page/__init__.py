"""The page: one self-contained file that plays the chain rule forward and backward, with sliders on the leaves."""
