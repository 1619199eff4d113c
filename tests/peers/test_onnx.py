"""Real ONNX: the graphs of models are checked by it, and onnxruntime computes what the models do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy
import pytest
from leaving import ACTIVATIONS, LOSSES, NOT_IN_ONNX, ONNX_MODELS, POINTS, model_of, numbers, outputs_of

import nn
from nn import MLP

pytestmark = [pytest.mark.peer, pytest.mark.filterwarnings("ignore")]


def computed(graph: bytes | str) -> list[list[float]]:
    import onnxruntime

    session = onnxruntime.InferenceSession(graph, providers=["CPUExecutionProvider"])
    found: Any = session.run(None, {"x": numpy.array(POINTS)})[0]
    assert found.dtype == numpy.float64
    return found.tolist()  # type: ignore[no-any-return]


def assert_computes(model: Any) -> None:
    for found, expected in zip(computed(nn.to_onnx(model).SerializeToString()), numbers(outputs_of(model)), strict=True):
        assert found == pytest.approx(expected, rel=1e-12, abs=1e-15)


@pytest.mark.parametrize("activation", [name for name in ACTIVATIONS if name not in NOT_IN_ONNX])
def test_onnxruntime_computes_every_activation(activation: str) -> None:
    assert_computes(model_of(ACTIVATIONS[activation], LOSSES["bce"]))


@pytest.mark.parametrize("name", ONNX_MODELS)
def test_onnxruntime_computes_what_a_model_does(name: str) -> None:
    assert_computes(ONNX_MODELS[name][0])


def test_a_graph_is_written_to_a_file(tmp_path: Path) -> None:
    import onnx

    model = MLP(2, [3, 2], activation="tanh", seed=1)
    path = tmp_path / "model.onnx"
    made = nn.to_onnx(model, path)
    assert onnx.load(path) == made
    assert computed(str(path)) == computed(made.SerializeToString())
    assert [tensor.name for tensor in made.graph.initializer] == [
        f"layers[{i}].{part}" for i in (0, 1) for part in ("weight", "bias")
    ]
