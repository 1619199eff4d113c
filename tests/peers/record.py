"""What PyTorch and ONNX give of our models: `run.py test peers` writes it into tests/data/peers.json when its tests have passed."""

from __future__ import annotations

import inspect
import json
import sys
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).parent.parent), str(Path(__file__).parent.parent.parent)]

import of_torch  # noqa: E402  # found through the line above, as all of these
import onnx  # noqa: E402
import torch  # noqa: E402
from leaving import ACTIVATIONS, LOSSES, RECORD, model_of  # noqa: E402

import nn  # noqa: E402
from autograd import OperandError  # noqa: E402


def operators(model: nn.Module) -> list[str] | None:
    try:
        return [node.op_type for node in nn.to_onnx(model).graph.node]
    except OperandError:
        return None


def of_activation(name: str) -> dict[str, Any]:
    """What the module is, its outputs, and the gradients of the mean squared error."""
    model = model_of(ACTIVATIONS[name])
    module = nn.to_torch(model)
    loss, gradients = of_torch.loss_and_gradients("mse", module)
    outputs = of_torch.outputs(module).tolist()
    return {"module": repr(module[1]), "onnx": operators(model), "outputs": outputs, "loss": loss, "gradients": gradients}


def signatures() -> dict[str, dict[str, Any]]:
    """The activations of PyTorch with the defaults of their settings; none that asks for a setting."""
    found = {}
    for name in [*torch.nn.modules.activation.__all__, "Dropout", "Identity"]:
        parameters = inspect.signature(getattr(torch.nn, name)).parameters.values()
        settings = [parameter for parameter in parameters if parameter.kind is parameter.POSITIONAL_OR_KEYWORD]
        if not any(parameter.default is parameter.empty for parameter in settings):
            found[name] = {parameter.name: parameter.default for parameter in settings}
    return found


def of_loss(name: str) -> dict[str, Any]:
    loss, gradients = of_torch.loss_and_gradients(name, nn.to_torch(model_of(ACTIVATIONS["tanh"], LOSSES[name])))
    return {"loss": loss, "gradients": gradients}


def main() -> None:
    kinds = {"activations": (of_activation, ACTIVATIONS), "losses": (of_loss, LOSSES)}
    parts = [f'"source": {json.dumps(f"PyTorch {torch.__version__}, ONNX {onnx.__version__}, by run.py test peers")}']
    parts.append(f'"modules": {json.dumps(signatures())}')
    for kind, (measure, names) in kinds.items():
        lines = [f"{json.dumps(name)}: {json.dumps(measure(name))}" for name in names]
        parts.append(f'"{kind}": {{\n' + ",\n".join(lines) + "\n}")
    RECORD.write_text("{\n" + ",\n".join(parts) + "\n}\n", encoding="utf-8")
    print(f"written: {RECORD.relative_to(Path.cwd())}")


if __name__ == "__main__":
    main()
