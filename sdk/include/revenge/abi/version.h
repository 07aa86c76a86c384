/* The version of host and SDK, written once: CMake and the host read it here. */
#ifndef REVENGE_ABI_VERSION_H
#define REVENGE_ABI_VERSION_H

#define REVENGE_VERSION_MAJOR 0
#define REVENGE_VERSION_MINOR 1
#define REVENGE_VERSION_PATCH 0
#define REVENGE_VERSION_STRING "0.1.0"

/* Raised only when an old plugin can no longer be loaded at all; tables carry revisions of their own. */
#define REVENGE_ABI_GENERATION 1

#endif
