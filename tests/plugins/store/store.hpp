// The store's interface for C++ plugins.
#pragma once

#include <revenge/service.hpp>

#include "store.h"

template <>
inline constexpr const char* revenge::InterfaceId<test_store> = TEST_STORE_ID;
