/* Where nodes lie: slabs of some thousand, each filled in order. A training step makes its nodes anew and frees them all, so that
   its slabs are empty and filled in order again: nodes that were made one after the other stay neighbours in memory. A list of free
   nodes would be in another order after each step, and soon every node a miss of the cache. */
#ifndef NATIVE_SLABS_H
#define NATIVE_SLABS_H
#include <stddef.h>

#ifdef __SANITIZE_ADDRESS__ /* each node is watched alone */
enum { NODES_IN_SLAB = 1, MOST_EMPTY = 0 };
#else
enum { NODES_IN_SLAB = 3200, MOST_EMPTY = 20 }; /* 256 KB; 5 MB are kept for reuse */
#endif

typedef struct Slab {
    struct Slab *next, **before; /* among the slabs with room */
    Node *freed;                 /* linked through `grad` */
    int used, live;              /* from the first: how many were ever taken, and are in use */
    Node nodes[NODES_IN_SLAB];
} Slab;

static Slab *roomy; /* the slabs with room; nodes are taken from the first */
static int empty;   /* how many of them have no node in use */

static inline Node *next_of(const Node *node) {
    Node *next;
    memcpy(&next, &node->grad, sizeof next);
    return next;
}

static inline void link_before(Node *node, Node *next) { memcpy(&node->grad, &next, sizeof next); }

static void put_among_roomy(Slab *slab) {
    slab->next = roomy;
    slab->before = &roomy;
    if (roomy) roomy->before = &slab->next;
    roomy = slab;
}

static void take_from_roomy(Slab *slab) {
    *slab->before = slab->next;
    if (slab->next) slab->next->before = slab->before;
}

static Slab *new_slab(void) {
    Slab *slab = PyMem_RawMalloc(sizeof(Slab));
    if (!slab) return NULL;
    slab->freed = NULL;
    slab->used = slab->live = 0;
    put_among_roomy(slab);
    empty++;
    return slab;
}

/* A node whose contents are old or none; NULL without memory. */
static inline Node *take_node(void) {
    Slab *slab = roomy ? roomy : new_slab();
    if (!slab) return NULL;
    Node *node = slab->freed;
    if (node) slab->freed = next_of(node);
    else {
        node = &slab->nodes[slab->used];
        memset(node, 0, sizeof(PyObject)); /* a count of references is not set where old contents look like an immortal object's */
        node->place = (uint16_t)slab->used++;
    }
    empty -= !slab->live;
    if (++slab->live == NODES_IN_SLAB) take_from_roomy(slab);
    return node;
}

static inline void give_back(Node *node) {
    Slab *slab = (Slab *)((char *)(node - node->place) - offsetof(Slab, nodes));
    if (slab->live-- == NODES_IN_SLAB) put_among_roomy(slab);
    link_before(node, slab->freed);
    slab->freed = node;
    if (slab->live) return;
    slab->freed = NULL;
    slab->used = 0;
    if (++empty <= MOST_EMPTY) return;
    take_from_roomy(slab);
    empty--;
    PyMem_RawFree(slab);
}
#endif
