// Plays files through the fuzzer's entry point, for compilers without a fuzzer: replay FILE...

#include <stdio.h>

#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

int main(int count, char **names) {
  for (int i = 1; i < count; ++i) {
    FILE *file = fopen(names[i], "rb");
    if (!file) {
      fprintf(stderr, "%s cannot be read\n", names[i]);
      return 2;
    }
    std::vector<unsigned char> data;
    for (int byte = getc(file); byte != EOF; byte = getc(file)) {
      data.push_back(static_cast<unsigned char>(byte));
    }
    fclose(file);
    fprintf(stderr, "%s\n", names[i]);  // the last one that is named is the one that failed
    LLVMFuzzerTestOneInput(data.data(), data.size());
  }
  printf("%d inputs played\n", count - 1);
  return 0;
}
