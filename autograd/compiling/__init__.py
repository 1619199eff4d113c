"""Functions of scalars, compiled: traced once into a tape, differentiated on it, and run over whole batches."""

from autograd.compiling.buffers import Buffers
from autograd.compiling.program import Gradients, Program, compile

__all__ = ["Buffers", "Gradients", "Program", "compile"]
