"""What is read: graphs and partials as text, LaTeX, MathML and programs; the chain rule in words; text on a terminal."""
