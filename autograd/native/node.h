/* The node in C: what it holds, how it is allocated, and how it is freed without recursion.

   A node is 80 bytes. One of one or two operands has them and their partials inside; one of more shares a block of operands with
   the other nodes that were made of them, as the neurons of a layer do; what a user's row, an unpickled node or one
   with a label has is in a block of Python objects, but a leaf has its label itself. The collector knows nothing of nodes: a graph has no cycles, and what is in a block (a row, numbers, operands
   that came before) cannot come to refer back to its node. There is one exception: a function of a user's row may hold a node that the
   row made; if the row is then forgotten, the pure engine's nodes are collected, and these stay. A collector's header would cost 16
   bytes a node. */
#ifndef NATIVE_NODE_H
#define NATIVE_NODE_H
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <float.h>
#include <stdint.h>
#include <string.h>

#ifdef Py_GIL_DISABLED
#error "nodes in C need the interpreter's lock; a free-threaded Python runs the pure engine"
#endif
#if FLT_EVAL_METHOD
#error "this processor computes with more digits than a double has; Python rounds after every operation, and so must nodes"
#endif

#define ROWS_LOCAL /* the interpreter's lock is held around every call of a kernel */
#include "kernels.h"

typedef struct Node Node;

/* Nodes and numbers that rows are applied to, in order: gathered once, never changed, counted. */
typedef struct {
    Py_ssize_t refs, count, active; /* how many it has, and how many of these are nodes */
    uint64_t version, seen;         /* `version` when they were gathered; the last walk that went over all of them */
    double numbers[];               /* and then `count` nodes, NULL for a constant */
} Operands;

static inline Node **nodes_of(const Operands *operands) { return (Node **)(operands->numbers + operands->count); }

typedef struct {
    PyObject *op, *parameters;      /* parameters: NULL where there are none */
    PyObject *operands, *arguments; /* tuples, the same one where no argument is a constant */
    PyObject *given;                /* the partials as a tuple, if they are more than floats and closed gates */
    PyObject *label;                /* NULL for "" */
    double partials[];              /* one for each operand */
} Block;

typedef union {
    struct {
        Operands *begun; /* the last operands that begin with this leaf and live, or NULL; it does not hold them */
        PyObject *label; /* NULL for "" */
    } leaf;
    struct {
        Node *operands[2];  /* NULL where an argument is a constant, */
        double partials[2]; /* which is then in the place of its partial */
    } two;
    struct { /* of PAIR, dot and affine: the partials with respect to the ones are the numbers of the others */
        Operands *weights, *inputs;
        Node *bias; /* NULL for a constant */
        double constant;
    } pair;
    struct {
        Operands *operands;
        double *partials, each; /* one for each argument; NULL if `each` is that of all operands */
        PyObject *parameters;   /* NULL where there are none */
    } many;
    Block *block;
} Made;

struct Node {
    PyObject_HEAD
    double data, grad; /* grad is 0.0 until a sweep reaches the node; of a dead node it is the next dead one */
    uint8_t flags, kind, count; /* count: how many arguments are in the node and not in a block; beside what walks need, for the cache */
    uint16_t row;               /* the place of its operation in `known`, unless its block has the operation */
    uint16_t place;             /* in its slab */
    Made made;
    PyObject *weak;
};

enum { LEAF, TWO, PAIR, MANY, BLOCK };
enum { REACHED = 1, SEEN = 2, LISTED = 4 }; /* SEEN is set during a walk alone */

static PyTypeObject *NodeType;
static PyObject *no_operands; /* the empty tuple */

static inline int is_node(PyObject *x) { return Py_TYPE(x) == NodeType; }

/* ------------------------------------------------------------------------------------------------------ operands, arguments */
static inline Py_ssize_t count_of_operands(const Node *node) {
    const Made *made = &node->made;
    switch (node->kind) {
    case TWO: return (made->two.operands[0] != NULL) + (made->two.operands[1] != NULL);
    case PAIR: return made->pair.weights->active + made->pair.inputs->active + (made->pair.bias != NULL);
    case MANY: return made->many.operands->active;
    case BLOCK: return PyTuple_GET_SIZE(made->block->operands);
    default: return 0;
    }
}

static inline int is_leaf(const Node *node) { return node->kind == LEAF || (node->kind == BLOCK && !count_of_operands(node)); }

/* How many arguments there are, and each of them; of BLOCK, which has a tuple of them, each of its operands. */
static inline Py_ssize_t count_of_arguments(const Node *node) {
    if (node->kind == PAIR) return 2 * node->made.pair.weights->count + node->count;
    return node->kind == MANY ? node->made.many.operands->count : node->count;
}

typedef struct {
    Node *node; /* NULL for a constant */
    double number, partial;
} Argument;

static Argument argument_of(const Node *node, Py_ssize_t i) {
    const Made *made = &node->made;
    if (node->kind == BLOCK) return (Argument){(Node *)PyTuple_GET_ITEM(made->block->operands, i), 0.0, made->block->partials[i]};
    if (node->kind == TWO) return (Argument){made->two.operands[i], made->two.partials[i], made->two.partials[i]};
    if (node->kind == MANY) {
        const Operands *all = made->many.operands;
        return (Argument){nodes_of(all)[i], all->numbers[i], made->many.partials ? made->many.partials[i] : made->many.each};
    }
    const Operands *ones = made->pair.weights, *others = made->pair.inputs;
    if (i == 2 * ones->count) return (Argument){made->pair.bias, made->pair.constant, 1.0};
    if (i < ones->count) return (Argument){nodes_of(ones)[i], ones->numbers[i], others->numbers[i]};
    i -= ones->count;
    return (Argument){nodes_of(others)[i], others->numbers[i], ones->numbers[i]};
}

static uint64_t losses; /* how many LISTED nodes, which the last walks over models found, died or became leaves */

static inline void lose(const Node *node) { losses += (node->flags & LISTED) != 0; }

static uint64_t version; /* how often the number of a node was set: operands that were gathered under another one are gathered again */

/* The one way to change the number of a node that exists. */
static inline void set_number(Node *node, double number) {
    node->data = number;
    version++;
}

/* ------------------------------------------------------------------------------------------------------------ allocation */
#include "slabs.h"

static Py_ssize_t live_nodes, live_blocks;

static inline Node *new_node(int kind, double data) {
    Node *node = take_node();
    if (!node) return (Node *)PyErr_NoMemory();
    Py_SET_TYPE((PyObject *)node, NodeType); /* the module holds the type for good: no count for each node */
#ifdef Py_REF_DEBUG
    _Py_NewReference((PyObject *)node); /* counts references */
#else
    Py_SET_REFCNT((PyObject *)node, 1);
#endif
    live_nodes++;
    node->data = data;
    node->grad = 0.0;
    node->made.leaf.begun = NULL;
    node->made.leaf.label = node->weak = NULL;
    node->kind = (uint8_t)kind;
    node->flags = 0;
    node->count = 0;
    return node;
}

static Block *new_block(Py_ssize_t operands) {
    Block *block = PyMem_Malloc(sizeof(Block) + (size_t)operands * sizeof(double));
    if (!block) return (Block *)PyErr_NoMemory();
    live_blocks++;
    block->op = block->parameters = block->operands = block->arguments = block->given = block->label = NULL;
    return block;
}

static void free_block(Block *block) {
    Py_XDECREF(block->op);
    Py_XDECREF(block->parameters);
    Py_XDECREF(block->given);
    Py_XDECREF(block->label);
    Py_XDECREF(block->operands);
    Py_XDECREF(block->arguments);
    PyMem_Free(block);
    live_blocks--;
}

static Operands *recent; /* the last ones gathered that do not begin with a leaf, as long as they live */

static void release(Operands *operands) {
    if (--operands->refs) return;
    Node **nodes = nodes_of(operands), *first = nodes[0];
    if (recent == operands) recent = NULL;
    if (first && first->kind == LEAF && first->made.leaf.begun == operands) first->made.leaf.begun = NULL;
    for (Py_ssize_t i = 0; i < operands->count; i++) Py_XDECREF(nodes[i]);
    PyMem_Free(operands);
    live_blocks--;
}

/* --------------------------------------------------------------------------------------------------------------- freeing */
static Node *dead;  /* nodes that nothing refers to, linked through `grad`, until `reap` takes what they hold */
static int reaping; /* whether it is running: what dies meanwhile waits in the list, so that a chain needs no recursion */

typedef struct { /* what a node holds */
    Made made;
    int kind;
} Contents;

static inline Contents contents_of(const Node *node) { return (Contents){node->made, node->kind}; }

static inline void drop(Contents held) {
    if (held.kind == LEAF) {
        Py_XDECREF(held.made.leaf.label);
    } else if (held.kind == TWO) {
        Py_XDECREF(held.made.two.operands[0]);
        Py_XDECREF(held.made.two.operands[1]);
    } else if (held.kind == PAIR) {
        release(held.made.pair.weights);
        release(held.made.pair.inputs);
        Py_XDECREF(held.made.pair.bias);
    } else if (held.kind == MANY) {
        release(held.made.many.operands);
        PyMem_Free(held.made.many.partials);
        Py_XDECREF(held.made.many.parameters);
    } else if (held.kind == BLOCK)
        free_block(held.made.block);
}

static void reap(void) {
    reaping = 1;
    while (dead) {
        Node *node = dead;
        dead = next_of(node);
        Contents held = contents_of(node);
        live_nodes--;
        give_back(node);
        drop(held);
    }
    reaping = 0;
}

static void node_dealloc(PyObject *self) {
    Node *node = (Node *)self;
    if (node->weak) PyObject_ClearWeakRefs(self);
    lose(node);
    link_before(node, dead);
    dead = node;
    if (!reaping) reap();
}

/* Make the node a leaf with this label, which it takes over: what it held is dropped last, when the node is whole again. */
static void make_leaf(Node *node, double data, PyObject *label) {
    Contents earlier = contents_of(node);
    lose(node);
    node->kind = LEAF;
    node->made.leaf.begun = NULL;
    node->made.leaf.label = label;
    node->flags = 0;
    set_number(node, data);
    node->grad = 0.0;
    drop(earlier);
}
#endif
