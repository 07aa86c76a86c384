// The signature of a folder: equal when its files have the same names, sizes, times and inodes, in any order. Pure.
#pragma once

#include <span>

#include "catalogue/rows.hpp"
#include "disk/folder.hpp"

namespace library {

// Counts the rules by which names are read: another number makes each folder be looked at anew.
inline constexpr std::uint64_t kNamingRevision = 1;

Signature signatureOf(std::span<const disk::MediaFile> files);

// 64 bits that look random, of 64 that do not (the finalizer of SplitMix64).
inline std::uint64_t mixed(std::uint64_t value) {
  value = (value ^ (value >> 30U)) * 0xbf58476d1ce4e5b9U;
  value = (value ^ (value >> 27U)) * 0x94d049bb133111ebU;
  return value ^ (value >> 31U);
}

}  // namespace library
