/* What a C++ run-time does that is linked into a plugin: a value of each thread, with a destructor
 * that lies in the plugin and is called when the thread ends, whenever that is. */
/* NOLINTNEXTLINE(bugprone-reserved-identifier): the C library asks for this name */
#define _POSIX_C_SOURCE 200809L
#include <pthread.h>

static pthread_key_t key;
static void forget(void* value) { (void)value; }
__attribute__((constructor)) static void make_key(void) { pthread_key_create(&key, forget); }
