"""Functions of scalars, compiled: traced once into a tape, differentiated on it, and run over whole batches."""

from autograd.compiling.program import Gradients, Program, compile

__all__ = ["Gradients", "Program", "compile"]
