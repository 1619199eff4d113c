"""Tests of modes in threads, tasks and generators: each context has its own."""

import asyncio
import contextlib
import inspect
import math
import threading

import pytest
from contexts import in_a_loop
from examples import found, same
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd
from autograd import (
    AnomalyError,
    OperandError,
    Value,
    detect_anomaly,
    enable_grad,
    modes,
    no_grad,
)

# --------------------------------------------------------------------------------------------------------------- threads


def in_a_thread(function):
    """The result of the function in a new thread."""
    answers = []
    thread = threading.Thread(target=lambda: answers.append(function()))
    thread.start()
    thread.join()
    return answers[0]


def test_a_thread_does_not_see_the_no_grad_of_another():
    x = Value(3.0)
    with no_grad():
        assert in_a_thread(lambda: (x * 2).operands) == (x,)
        assert in_a_thread(lambda: x.exp().operands) == (x,)
        assert in_a_thread(lambda: autograd.dot([x], [2.0]).operands) == (x,)
        assert (x * 2).operands == ()


def test_a_thread_does_not_see_the_anomaly_detection_of_another():
    with detect_anomaly():
        assert in_a_thread(lambda: (Value(1e308) * 10.0).data) == math.inf
        with pytest.raises(AnomalyError):
            Value(1e308) * 10.0


def test_a_mode_of_a_thread_that_ended_is_gone():
    def enter_and_leave_open():
        mode = no_grad()
        mode.__enter__()
        answer = (Value(2.0) * 3.0).operands
        mode.__exit__(None, None, None)
        return answer

    assert in_a_thread(enter_and_leave_open) == ()
    x = Value(2.0)
    assert same((x * 3.0).operands, x)


def test_modes_of_threads_that_overlap_in_time_do_not_mix():
    turns = [threading.Event() for _ in range(3)]
    found = {}

    def watched():
        with no_grad():
            turns[0].set()
            turns[1].wait(10)
            found["inside"] = (Value(2.0) * 3.0).operands
        found["after"] = len((Value(2.0) * 3.0).operands)
        turns[2].set()

    thread = threading.Thread(target=watched)
    thread.start()
    turns[0].wait(10)
    with detect_anomaly():
        found["other thread"] = len((Value(2.0) * 3.0).operands)
        turns[1].set()
        turns[2].wait(10)
        with pytest.raises(AnomalyError):
            Value(1e308) * 10.0
    thread.join()
    assert found == {"inside": (), "after": 1, "other thread": 1}
    assert (Value(1e308) * 10.0).data == math.inf


def test_many_threads_differentiate_their_own_graphs_at_once():
    def work(seed):
        gradients = []
        for i in range(50):
            x = Value(seed + i / 100)
            y = x
            for _ in range(20):
                y = (y * x).tanh()
            if i % 3 == 0:
                with no_grad():
                    y * y
            y.backward()
            gradients.append(x.grad)
        return gradients

    expected = [work(seed) for seed in range(4)]
    answers = {}
    threads = [threading.Thread(target=lambda seed=seed: answers.__setitem__(seed, work(seed))) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [answers[seed] for seed in range(4)] == expected


# ---------------------------------------------------------------------------------------- one context: tasks and generators

MODES = {"no_grad": no_grad, "enable_grad": enable_grad, "detect_anomaly": detect_anomaly}
WAYS = ["with", "reused", "decorated", "generator"]
steps = st.recursive(
    st.just("wait"),
    lambda inner: st.tuples(
        st.sampled_from([*MODES]), st.sampled_from(["with", "reused", "decorated", "generator"]), st.lists(inner)
    ),
    max_leaves=8,
)
programs = st.lists(st.lists(steps, max_size=4), min_size=2, max_size=5)


def inside(state, mode):
    recorded, detecting = state
    return (recorded, True) if mode == "detect_anomaly" else (mode == "enable_grad", detecting)


async def run(program, state, shared):
    """Every step of the program, with what should be found before and after it."""
    for step in program:
        assert found() == state
        if step == "wait":
            await asyncio.sleep(0)
            continue
        mode, how, inner = step
        within = inside(state, mode)
        if how in ("with", "reused"):
            with shared[mode] if how == "reused" else MODES[mode]():
                await run(inner, within, shared)
        elif how == "decorated":
            await shared[mode](run)(inner, within, shared)
        else:
            async for _ in shared[mode](one_by_one)(inner, within, shared):
                assert found() == state  # the generator is suspended
                await asyncio.sleep(0)
    assert found() == state


async def one_by_one(program, state, shared):
    for step in program:
        await run([step], state, shared)
        yield
    assert found() == state


@settings(deadline=None, max_examples=60)
@given(programs=programs)
def test_modes_of_tasks_that_overlap_in_any_way_are_each_tasks_own(programs):
    shared = {name: make() for name, make in MODES.items()}

    async def all_of_them():
        await asyncio.gather(*[run(program, (True, False), shared) for program in programs])

    in_a_loop(all_of_them())
    assert found() == (True, False)
    assert not modes.live


@settings(deadline=None, max_examples=60)
@given(program=programs, order=st.randoms(use_true_random=False))
def test_generators_that_leave_their_blocks_in_any_order_leave_no_mode_on(program, order):
    def body(mode):
        with MODES[mode]():
            yield found() == (inside(found(), mode))
            yield

    generators = [body(step[0]) for steps in program for step in steps if step != "wait"]
    running = list(generators)
    while running:
        generator = order.choice(running)
        if next(generator, "over") == "over" or order.random() < 0.2:
            generator.close()
            running.remove(generator)
    assert found() == (True, False)
    assert not modes.live


def test_the_mode_entered_last_decides_among_generators_that_overlap():
    def body(mode):
        with mode():
            yield

    off, on = body(no_grad), body(enable_grad)
    next(off), next(on)
    assert found() == (True, False)
    off.close()
    assert found() == (True, False)
    off = body(no_grad)
    next(off)
    on.close()
    assert found() == (False, False)
    off.close()
    assert found() == (True, False)


def test_a_decorated_generator_is_in_the_mode_while_its_body_runs_and_not_outside():
    seen = []

    @no_grad()
    def body():
        try:
            got = yield found()
            seen.append((got, found()))
            yield
        except KeyError:
            seen.append(("thrown", found()))
            yield
        finally:
            seen.append(("closed", found()))
        return "returned"

    assert inspect.isgeneratorfunction(body)
    generator = body()
    assert found() == (True, False)
    assert next(generator) == (False, False)
    assert found() == (True, False)
    generator.send("sent")
    generator.throw(KeyError())
    assert found() == (True, False)
    with pytest.raises(StopIteration, match="returned"):
        next(generator)
    other = body()
    next(other)
    other.close()
    assert seen == [("sent", (False, False)), ("thrown", (False, False)), *[("closed", (False, False))] * 2]


def test_a_decorated_coroutine_driven_by_hand_is_in_the_mode_only_while_it_runs():
    class Waiting:
        def __await__(self):
            return (yield "waiting")

    @no_grad()
    async def body():
        before = found()
        got = await Waiting()
        return before, got, found()

    assert inspect.iscoroutinefunction(body)
    coroutine = body()
    assert coroutine.send(None) == "waiting"
    assert found() == (True, False)
    with pytest.raises(StopIteration) as stop:
        coroutine.send("sent")
    assert stop.value.value == ((False, False), "sent", (False, False))
    assert found() == (True, False)


def test_a_decorated_asynchronous_generator_takes_what_is_sent_thrown_and_closed():
    seen = []

    @no_grad()
    async def body():
        try:
            seen.append((yield found()))
            await asyncio.sleep(0)
            yield found()
        except KeyError:
            seen.append("thrown")
            yield found()
        finally:
            await asyncio.sleep(0)
            seen.append(found())

    async def drive(last):
        generator = body()
        assert await generator.asend(None) == (False, False)
        assert await generator.asend("sent") == (False, False)
        assert found() == (True, False)
        await last(generator)
        assert found() == (True, False)

    async def thrown(generator):
        assert await generator.athrow(KeyError()) == (False, False)
        with pytest.raises(StopAsyncIteration):
            await generator.asend(None)

    in_a_loop(drive(thrown))
    assert seen == ["sent", "thrown", (False, False)]
    in_a_loop(drive(lambda generator: generator.aclose()))
    assert seen[3:] == ["sent", (False, False)]
    assert inspect.isasyncgenfunction(body)


def test_a_task_is_in_the_mode_of_the_block_that_made_it_while_that_lasts():
    async def child():
        await asyncio.sleep(0)
        return found()

    async def parent():
        with no_grad():
            inherits, outlives = await child_of_gather(), asyncio.create_task(child())
        return inherits, await outlives, found()

    @no_grad()
    async def child_of_gather():
        return (await asyncio.gather(child()))[0]

    assert in_a_loop(parent()) == ((False, False), (True, False), (True, False))


def test_a_mode_may_be_entered_again_inside_itself_and_by_several_threads():
    mode = no_grad()
    for _ in range(2):
        with mode:
            with mode:
                assert found() == (False, False)
            assert found() == (False, False)
        assert found() == (True, False)
    met = threading.Barrier(4)

    def use():
        for _ in range(200):
            with mode:
                met.wait(10)
                inner = found()
                met.wait(10)
            if (inner, found()) != ((False, False), (True, False)):
                return False
        return True

    answers = []
    threads = [threading.Thread(target=lambda: answers.append(use())) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [True] * 4
    assert not modes.live


def test_modes_are_entered_by_hand_and_on_a_stack_too():
    mode = no_grad()
    mode.__enter__()
    with mode:
        assert found() == (False, False)
    assert found() == (False, False)
    mode.__exit__(None, None, None)
    assert found() == (True, False)
    with contextlib.ExitStack() as stack:
        stack.enter_context(mode)
        stack.enter_context(detect_anomaly())
        stack.enter_context(enable_grad())
        assert found() == (True, True)
    assert found() == (True, False)
    assert not modes.live


@pytest.mark.parametrize("make", [no_grad, enable_grad, detect_anomaly], ids=lambda make: make.__name__)
def test_a_mode_decorates_with_and_without_brackets_and_keeps_name_and_documentation(make):
    def body(x, *, y=1):
        """What it does."""
        return found(), x, y

    for decorated in (make(body), make()(body)):
        assert decorated(2, y=3) == (inside((True, False), make.__name__), 2, 3)
        assert (decorated.__name__, decorated.__doc__) == ("body", "What it does.")
    assert repr(make()) == f"{make.__name__}()"
    for wrong in (5, type("Net", (), {})):
        with pytest.raises(OperandError, match="decorates a function"):
            make()(wrong)


def test_enable_grad_records_inside_no_grad():
    x = Value(3.0)
    with no_grad():
        with enable_grad():
            y = x * x
        assert (x * x).operands == ()
    y.backward()
    assert x.grad == 6.0
