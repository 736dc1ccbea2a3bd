// The two functions that the core draws in. There is no header for them: it is built freestanding, and on
// Symbian euser exports them.

#ifndef SYMHIL_MEMORY_H
#define SYMHIL_MEMORY_H

#ifdef __SIZE_TYPE__
typedef __SIZE_TYPE__ agc_size;
#else
typedef unsigned int agc_size;
#endif

extern "C" {
void *memcpy(void *to, const void *from, agc_size size);
void *memset(void *to, int value, agc_size size);
}

#endif
