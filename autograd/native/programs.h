/* Compiled programs: their machine code is called, and parameters move between nodes and its arrays, with no Python between. */
#ifndef NATIVE_PROGRAMS_H
#define NATIVE_PROGRAMS_H
#include "walks.h"

/* run_code(address, block, is_long): what the machine code gives for a block of arrays; others run meanwhile if it takes long. */
static PyObject *py_run_code(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t count) {
    if (count != 3) return PyErr_Format(PyExc_TypeError, "an address, a block and a truth are needed");
    double (*code)(void *) = (double (*)(void *))(uintptr_t)PyLong_AsSize_t(args[0]), found;
    void *block = PyLong_AsVoidPtr(args[1]);
    if (PyErr_Occurred()) return NULL;
    if (args[2] == Py_True) {
        Py_BEGIN_ALLOW_THREADS
        found = code(block);
        Py_END_ALLOW_THREADS
    } else {
        found = code(block);
    }
    return PyErr_Occurred() ? NULL : PyFloat_FromDouble(found);
}

/* A tuple of nodes, and the array with a number for each. */
static double *array_for(PyObject *const *args, Py_ssize_t count) {
    if (count != 2 || !PyTuple_CheckExact(args[0])) return (void)PyErr_Format(PyExc_TypeError, "a tuple and an address are needed"), NULL;
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(args[0]); i++)
        if (!is_node(PyTuple_GET_ITEM(args[0], i))) return (void)PyErr_Format(PyExc_TypeError, "item %zd is no node", i), NULL;
    double *numbers = PyLong_AsVoidPtr(args[1]);
    if (!numbers && !PyErr_Occurred()) PyErr_Format(PyExc_ValueError, "the address is 0");
    return numbers;
}

/* read_data(nodes, address): write the data of the nodes into an array. */
static PyObject *py_read_data(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t count) {
    double *numbers = array_for(args, count);
    if (!numbers) return NULL;
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(args[0]); i++) numbers[i] = ((Node *)PyTuple_GET_ITEM(args[0], i))->data;
    Py_RETURN_NONE;
}

/* write_data(nodes, address): give the numbers of an array to the leaves as their data; False where one is no leaf. */
static PyObject *py_write_data(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t count) {
    const double *numbers = array_for(args, count);
    if (!numbers) return NULL;
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(args[0]); i++)
        if (!is_leaf((Node *)PyTuple_GET_ITEM(args[0], i))) Py_RETURN_FALSE;
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(args[0]); i++) set_number((Node *)PyTuple_GET_ITEM(args[0], i), numbers[i]);
    Py_RETURN_TRUE;
}

/* add_grads(nodes, address): add the numbers of an array to the grad of the nodes. */
static PyObject *py_add_grads(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t count) {
    const double *numbers = array_for(args, count);
    if (!numbers) return NULL;
    undo_waiting();
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(args[0]); i++) {
        Node *node = (Node *)PyTuple_GET_ITEM(args[0], i);
        node->grad = node->flags & REACHED ? node->grad + numbers[i] : numbers[i];
        node->flags |= REACHED;
    }
    Py_RETURN_NONE;
}
#endif
