/* The contract between instrumented code and the detector: C, hermetic (includes nothing), versioned.
 *
 * The pass emits references to the names below and knows nothing else of Ravel. Every instrumented object refers to
 * RAVEL_ABI_SYMBOL, which only a library of the same version defines: different versions refuse to link.
 */
#ifndef RAVEL_ABI_H
#define RAVEL_ABI_H

#define RAVEL_ABI_VERSION 3
#define RAVEL_ABI_SYMBOL __ravel_abi_version_3__recompile_everything_with_the_same_ravel

typedef unsigned char ravel_u8;
typedef unsigned int ravel_u32;
typedef unsigned long long ravel_u64;
typedef unsigned long ravel_size;
#if defined(__cplusplus)
typedef wchar_t ravel_wchar;
#else
typedef __WCHAR_TYPE__ ravel_wchar;
#endif

/* Shadow memory (x86-64, position-independent executables): the 8 bytes at an 8-aligned address p have their tag, 8 bytes, at
 * p + RAVEL_SHADOW_OFFSET. One plane, as large as the memory it describes, and never at an address a program uses, for every
 * layout the kernel's address randomisation may choose (up to 32 bits of it).
 *
 *   tag = | segment : 32 | state : 16 | written : 8 | seen : 8 |          0 = never accessed
 *
 * segment   the run of one goroutine between two releases that accessed the granule last
 * state     which access history of that segment (the detector's business; ignored by the inline check)
 * written   bytes that segment has written;  seen  bytes it has read or written
 *
 * The inline check of bytes B (bit i = byte i of the granule):
 *   read :  ((tag ^ __ravel_current) & (RAVEL_TAG_SEGMENT | B))      == 0   nothing to do
 *   write:  ((tag ^ __ravel_current) & (RAVEL_TAG_SEGMENT | B << 8)) == 0   nothing to do
 * otherwise the cold entry point of that size is called; it copes with any alignment.
 */
#define RAVEL_SHADOW_OFFSET (-0x400000000000ll)
#define RAVEL_TAG_SEGMENT 0xFFFFFFFF00000000ull

/* Memory orders of atomic operations, numbered as C++20's std::memory_order (consume counts as acquire). */
#define RAVEL_ORDER_RELAXED 0
#define RAVEL_ORDER_ACQUIRE 2
#define RAVEL_ORDER_RELEASE 3
#define RAVEL_ORDER_ACQ_REL 4
#define RAVEL_ORDER_SEQ_CST 5

#define RAVEL_ATOMIC_LOAD 0
#define RAVEL_ATOMIC_STORE 1
#define RAVEL_ATOMIC_RMW 2
#define RAVEL_ATOMIC_CAS 3

/* A position in the source, innermost first: `inlined_at` is where the function of this frame was inlined, or null. */
typedef struct ravel_frame {
  const char *function; /* as a person writes it: bank::deposit(int); never null */
  const char *file;     /* as given to the compiler, absolute where the compiler knows it; "" without debug info */
  ravel_u32 line;       /* 0 without debug info */
  ravel_u32 column;
  const struct ravel_frame *inlined_at;
} ravel_frame;

#define RAVEL_SITE_WRITE 1u
#define RAVEL_SITE_ATOMIC 2u
#define RAVEL_SITE_VPTR 4u  /* the pointer to a virtual table: construction or destruction against a virtual call */
#define RAVEL_SITE_RANGE 8u /* a call or instruction over a run of bytes: memcpy, memset, a library function */
#define RAVEL_SITE_MORE 16u /* of __ravel_check_fields: the next site in memory is of the same call */
#define RAVEL_SITE_OFFSET_BITS 8 /* flags >> this, signed: of __ravel_check_fields, the distance from the address it is given */

/* One static descriptor per access, in ELF section "ravel_sites". Reports need no symboliser for the top frame. */
typedef struct ravel_site {
  ravel_frame where;
  const char *variable; /* variable or field in source words ("balance", "account.balance", "values[]"), or null */
  ravel_u32 size;       /* bytes, 0 when only known at run time */
  ravel_u32 flags;      /* RAVEL_SITE_* */
} ravel_site;

#if defined(__cplusplus)
extern "C" {
#endif

/* The tag this goroutine would write for a full access: segment << 32 | 0xFFFF. Thread-local; changes only inside calls. */
extern __thread ravel_u64 __ravel_current __attribute__((tls_model("initial-exec")));

/* Calling context: an instrumented function loads it on entry into C, and stores C * RAVEL_CONTEXT_FACTOR + (a constant of the call
 * site) before each call. The values are hashes of call paths; the detector keeps the exact stack the first time it sees one. */
extern __thread ravel_u64 __ravel_context __attribute__((tls_model("initial-exec")));
#define RAVEL_CONTEXT_FACTOR 5ull

/* A safepoint, in every build: when this word is not 0, __ravel_safepoint() is called and the goroutine may yield. Set by another thread. */
extern __thread ravel_u32 __ravel_yield_request __attribute__((tls_model("initial-exec")));

extern const char RAVEL_ABI_SYMBOL;

#if defined(__clang__)
#define RAVEL_COLD __attribute__((preserve_all))
#else
#define RAVEL_COLD
#endif
#define RAVEL_PLAIN
#define RAVEL_ENTRY_POINT(result, name, parameters, convention) convention result name parameters;
#include "entry_points.def"
#undef RAVEL_ENTRY_POINT

#if defined(__cplusplus)
}
#endif

#endif
