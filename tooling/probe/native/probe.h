// What the parts of the probe offer each other. The probe decides nothing: it says what it sees, TypeScript compares.
#ifndef PROBE_H
#define PROBE_H

#include <stddef.h>

// JSON, written to standard output as it comes. A null key is right within an array.
void json_open(const char *key, char bracket);
void json_close(char bracket);
void json_text(const char *key, const char *text);
void json_bytes(const char *key, const char *bytes, size_t size);
void json_number(const char *key, long long number);
void json_end(void);

// "ok" or the errno's number with a minus sign: -1 is EPERM.
void json_outcome(const char *key, long long outcome);

void report_state(void);
void report_descriptors(void);
void report_devices(void);
void report_paths(char *const *paths);
void report_calls(void);

#endif
