/* Calls of rows from Python, `x.tanh()` and `tanh(x)`, `add(a, b)`, straight to their kernels.

   What is called is a `Shortcut`: to all who look, a function of Python; to the interpreter, which calls a method without
   looking at it, C that answers the plain calls and leaves the others to that function. */
#ifndef NATIVE_CALLS_H
#define NATIVE_CALLS_H
#include "apply.h"

#include <structmember.h>

typedef struct {
    PyObject_HEAD
    PyObject *function;
    int place; /* of the row in `known`; −1 where the row itself is the first argument */
    vectorcallfunc call;
} Shortcut;

/* The node of a call with operands alone; NULL where Python must do it, with or without an error. */
static PyObject *node_of_call(int place, PyObject *const *operands, Py_ssize_t n, int mode) {
    const Known *of = &known[place];
    if (n != of->row->arity || !of->defaults) return NULL;
    if (takes_few(of->row)) return node_of_few(place, operands, (int)n, mode);
    return node_of_kernel(place, operands, n, of->defaults, mode);
}

static PyObject *shortcut_call(PyObject *self, PyObject *const *args, size_t flagged, PyObject *names) {
    const Shortcut *shortcut = (Shortcut *)self;
    Py_ssize_t n = PyVectorcall_NARGS(flagged), first = shortcut->place < 0;
    int mode = n > first && !names ? mode_now() : IN_PYTHON;
    if (mode != IN_PYTHON) {
        int place = first ? place_of(args[0]) : shortcut->place;
        PyObject *node = place >= 0 ? node_of_call(place, args + first, n - first, mode) : NULL;
        if (node) return node;
        PyErr_Clear();
    }
    return PyObject_Vectorcall(shortcut->function, args, flagged, names);
}

static PyObject *shortcut_get(PyObject *self, PyObject *object, PyObject *Py_UNUSED(type)) {
    PyObject *function = ((Shortcut *)self)->function;
    return object ? PyMethod_New(function, object) : Py_NewRef(function);
}

static void shortcut_dealloc(PyObject *self) {
    PyTypeObject *type = Py_TYPE(self);
    Py_XDECREF(((Shortcut *)self)->function);
    PyObject_Free(self);
    Py_DECREF(type);
}

static PyMemberDef shortcut_members[] = {{"__vectorcalloffset__", T_PYSSIZET, offsetof(Shortcut, call), READONLY, NULL}, {NULL}};
static PyType_Slot shortcut_slots[] = {{Py_tp_dealloc, shortcut_dealloc}, {Py_tp_call, PyVectorcall_Call},
                                       {Py_tp_descr_get, shortcut_get}, {Py_tp_members, shortcut_members}, {0, NULL}};
static PyType_Spec shortcut_spec = {
    "autograd.native.Shortcut", sizeof(Shortcut), 0,
    Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE | Py_TPFLAGS_DISALLOW_INSTANTIATION | Py_TPFLAGS_METHOD_DESCRIPTOR |
        Py_TPFLAGS_HAVE_VECTORCALL,
    shortcut_slots};

/* shortcut(function, row): for a class to have in the place of the function, which is a method named as the row, or calls a row
   that is its first argument, if the row is None. */
static PyObject *py_shortcut(PyObject *Py_UNUSED(module), PyObject *args) {
    static PyTypeObject *type;
    PyObject *function, *row;
    if (!PyArg_ParseTuple(args, "OO:shortcut", &function, &row)) return NULL;
    int place = row == Py_None ? -1 : place_of(row);
    if (place < 0 && row != Py_None) return Py_NewRef(function); /* the row has no kernel */
    if (!type && !(type = (PyTypeObject *)PyType_FromSpec(&shortcut_spec))) return NULL;
    Shortcut *made = PyObject_New(Shortcut, type);
    if (!made) return NULL;
    made->function = Py_NewRef(function);
    made->place = place;
    made->call = shortcut_call;
    return (PyObject *)made;
}
#endif
