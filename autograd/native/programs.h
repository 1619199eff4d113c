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

/* Copy the numbers of an argument of this shape into rows; 0 if it is no array of floats of the shape, or no float for (). */
static int fill_from(PyObject *x, PyObject *shape, double *rows, Py_ssize_t apart, Py_ssize_t n) {
    Py_ssize_t dimensions = PyTuple_GET_SIZE(shape);
    if (!dimensions) {
        if (!PyFloat_CheckExact(x)) return 0;
        for (Py_ssize_t i = 0; i < n; i++) rows[i] = PyFloat_AS_DOUBLE(x);
        return 1;
    }
    Py_buffer array;
    if (strcmp(Py_TYPE(x)->tp_name, "numpy.ndarray")) return 0;
    if (PyObject_GetBuffer(x, &array, PyBUF_STRIDED_RO | PyBUF_FORMAT) < 0) {
        PyErr_Clear(); /* of dates, for example */
        return 0;
    }
    int fits = array.ndim == dimensions && array.format && !strcmp(array.format, "d");
    for (Py_ssize_t k = 0; fits && k < dimensions; k++) fits = array.shape[k] == PyLong_AsSsize_t(PyTuple_GET_ITEM(shape, k));
    Py_ssize_t width = fits && dimensions == 2 ? array.shape[1] : 1, down = fits ? array.strides[0] : 0;
    for (Py_ssize_t k = 0; fits && k < width; k++) {
        const char *column = (const char *)array.buf + (dimensions == 2 ? k * array.strides[1] : 0);
        for (Py_ssize_t i = 0; i < n; i++) memcpy(rows + k * apart + i, column + i * down, sizeof *rows);
    }
    PyBuffer_Release(&array);
    return fits;
}

/* fill_rows(shapes, rows, apart, n, arguments): copy arguments of these shapes into rows of n numbers; False if they do not fit. */
static PyObject *py_fill_rows(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t count) {
    if (count != 5 || !PyTuple_CheckExact(args[0]) || !PyTuple_CheckExact(args[4]))
        return PyErr_Format(PyExc_TypeError, "shapes, an address, two sizes and arguments are needed");
    double *rows = PyLong_AsVoidPtr(args[1]);
    Py_ssize_t apart = PyLong_AsSsize_t(args[2]), n = PyLong_AsSsize_t(args[3]);
    int fits = PyTuple_GET_SIZE(args[0]) == PyTuple_GET_SIZE(args[4]);
    for (Py_ssize_t i = 0; fits && i < PyTuple_GET_SIZE(args[0]); i++) {
        PyObject *shape = PyTuple_GET_ITEM(args[0], i);
        fits = fill_from(PyTuple_GET_ITEM(args[4], i), shape, rows, apart, n);
        rows += apart * (PyTuple_GET_SIZE(shape) == 2 ? PyLong_AsSsize_t(PyTuple_GET_ITEM(shape, 1)) : 1);
    }
    return PyErr_Occurred() ? NULL : PyBool_FromLong(fits);
}

/* A tuple of nodes, and the array with a number for each. */
static double *array_for(PyObject *const *args, Py_ssize_t count) {
    int fits = count == 2 && PyTuple_CheckExact(args[0]);
    for (Py_ssize_t i = 0; fits && i < PyTuple_GET_SIZE(args[0]); i++) fits = is_node(PyTuple_GET_ITEM(args[0], i));
    double *numbers = fits ? PyLong_AsVoidPtr(args[1]) : NULL;
    if (!numbers && !PyErr_Occurred()) PyErr_Format(PyExc_TypeError, "a tuple of nodes and an address are needed");
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
