// Name and version, as the host is told: at most 40 bytes of UTF-8.

#ifndef SYMHIL_VERSION_H
#define SYMHIL_VERSION_H

#include <e32std.h>

_LIT8(KBuild, "symhil-symbian-agent 0.1.0");

#endif
