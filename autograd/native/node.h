/* The node in C: what it holds, how it is allocated, and how it is freed without recursion.

   A node of one or two operands has them and their partials inside, 88 bytes in all; what a node of more operands, of a row with
   parameters or of a user's row has is in its block. The collector knows nothing of nodes: a graph has no cycles, and what is
   in a block (a row, numbers, operands that came before) cannot come to refer back to its node. */
#ifndef NATIVE_NODE_H
#define NATIVE_NODE_H
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdint.h>
#include <string.h>

#ifdef Py_GIL_DISABLED
#error "nodes in C need the interpreter's lock; a free-threaded Python runs the pure engine"
#endif

#define ROWS_LOCAL /* the interpreter's lock is held around every call of a kernel */
#include "kernels.h"

typedef struct Node Node;

typedef struct {
    PyObject *op, *parameters;      /* parameters: NULL where there are none */
    PyObject *operands, *arguments; /* tuples, the same one where no argument is a constant */
    PyObject *given;                /* the partials as a tuple, if they are more than floats and closed gates */
    double partials[];              /* one for each operand */
} Block;

struct Node {
    PyObject_HEAD
    double data, grad; /* grad is 0.0 until a sweep reaches the node; of a dead node it is the next dead one */
    uint8_t flags, kind, count; /* count, of TWO: how many arguments; beside what walks need of a node, for the cache */
    uint32_t row;               /* of TWO: the place of its operation in `known` */
    union {
        struct {
            Node *operands[2];  /* NULL where an argument is a constant, */
            double partials[2]; /* which is then in the place of its partial */
        } two;
        Block *block;
    } made;
    PyObject *label, *weak; /* label: NULL for "" */
};

enum { LEAF, TWO, BLOCK };
enum { REACHED = 1, SEEN = 2 }; /* SEEN is set during a walk alone */

static PyTypeObject *NodeType;
static PyObject *no_operands; /* the empty tuple */

static inline int is_node(PyObject *x) { return Py_TYPE(x) == NodeType; }

static inline Py_ssize_t count_of_operands(const Node *node) {
    if (node->kind == TWO) return (node->made.two.operands[0] != NULL) + (node->made.two.operands[1] != NULL);
    return node->kind == BLOCK ? PyTuple_GET_SIZE(node->made.block->operands) : 0;
}

static inline int is_leaf(const Node *node) { return count_of_operands(node) == 0; }

static uint64_t version; /* how often the number of a node was set: operands that were gathered under another one are gathered again */

/* The one way to change the number of a node that exists. */
static inline void set_number(Node *node, double number) {
    node->data = number;
    version++;
}

/* ------------------------------------------------------------------------------------------------------------ allocation */
enum { MOST_FREE = 1 << 16 }; /* nodes kept for reuse: 6 MB */
static Node *free_nodes;      /* linked through `grad` */
static Py_ssize_t free_count, live_nodes, live_blocks;

static inline Node *next_of(const Node *node) {
    Node *next;
    memcpy(&next, &node->grad, sizeof next);
    return next;
}

static inline void link_before(Node *node, Node *next) { memcpy(&node->grad, &next, sizeof next); }

static inline Node *new_node(int kind, double data) {
    Node *node = free_nodes;
    if (node) {
        free_nodes = next_of(node);
        free_count--;
    } else {
        node = PyObject_Malloc(sizeof(Node));
        if (!node) return (Node *)PyErr_NoMemory();
    }
    Py_SET_TYPE((PyObject *)node, NodeType); /* the module holds the type for good: no count for each node */
    _Py_NewReference((PyObject *)node);
    live_nodes++;
    node->data = data;
    node->grad = 0.0;
    node->kind = (uint8_t)kind;
    node->flags = 0;
    node->count = 0;
    node->label = node->weak = NULL;
    return node;
}

static Block *new_block(Py_ssize_t operands) {
    Block *block = PyMem_Malloc(sizeof(Block) + (size_t)operands * sizeof(double));
    if (!block) return (Block *)PyErr_NoMemory();
    live_blocks++;
    block->op = block->parameters = block->operands = block->arguments = block->given = NULL;
    return block;
}

static void free_block(Block *block) {
    Py_XDECREF(block->op);
    Py_XDECREF(block->parameters);
    Py_XDECREF(block->given);
    Py_XDECREF(block->operands);
    Py_XDECREF(block->arguments);
    PyMem_Free(block);
    live_blocks--;
}

/* --------------------------------------------------------------------------------------------------------------- freeing */
static Node *dead;  /* nodes that nothing refers to, linked through `grad`, until `reap` takes what they hold */
static int reaping; /* whether it is running: what dies meanwhile waits in the list, so that a chain needs no recursion */

typedef struct { /* what a node holds */
    PyObject *label;
    Node *operands[2];
    Block *block;
} Contents;

static inline Contents contents_of(const Node *node) {
    Contents held = {node->label, {NULL, NULL}, node->kind == BLOCK ? node->made.block : NULL};
    if (node->kind == TWO) memcpy(held.operands, node->made.two.operands, sizeof held.operands);
    return held;
}

static inline void drop(Contents held) {
    Py_XDECREF(held.label);
    Py_XDECREF(held.operands[0]);
    Py_XDECREF(held.operands[1]);
    if (held.block) free_block(held.block);
}

static void reap(void) {
    reaping = 1;
    while (dead) {
        Node *node = dead;
        dead = next_of(node);
        Contents held = contents_of(node);
        live_nodes--;
        if (free_count < MOST_FREE) {
            link_before(node, free_nodes);
            free_nodes = node;
            free_count++;
        } else
            PyObject_Free(node);
        drop(held);
    }
    reaping = 0;
}

static void node_dealloc(PyObject *self) {
    Node *node = (Node *)self;
    if (node->weak) PyObject_ClearWeakRefs(self);
    link_before(node, dead);
    dead = node;
    if (!reaping) reap();
}

/* Make the node a leaf with this label, which it takes over: what it held is dropped last, when the node is whole again. */
static void make_leaf(Node *node, double data, PyObject *label) {
    Contents earlier = contents_of(node);
    node->kind = LEAF;
    node->flags = 0;
    set_number(node, data);
    node->grad = 0.0;
    node->label = label;
    drop(earlier);
}
#endif
