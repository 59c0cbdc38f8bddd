// Prints one JSON object about the process that it is: `probe [calls] [PATH…]`. Changes nothing that lasts.
// `probe wait` prints nothing and waits, so that another probe can be executed beside it.
#include "probe.h"

#include <string.h>
#include <unistd.h>

int main(int count, char **arguments) {
  if (count == 2 && strcmp(arguments[1], "wait") == 0) return pause();
  int calls = count > 1 && strcmp(arguments[1], "calls") == 0;
  json_open(NULL, '{');
  report_descriptors();
  report_state();
  report_devices();
  report_paths(arguments + 1 + calls);
  if (calls) report_calls();
  json_close('}');
  json_end();
  return 0;
}
