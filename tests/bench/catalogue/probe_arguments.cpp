// The words that the plugin `library` asks ffprobe with, a line each. Usage: bench_probe_arguments FILE
#include <cstdio>

#include "media/probe.hpp"

int main(int count, char** words) {
  if (count != 2) return 2;
  for (const std::string& word : library::media::probeArguments(words[1])) std::printf("%s\n", word.c_str());
}
