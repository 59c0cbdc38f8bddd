#include "probe.h"

#include <stdio.h>
#include <string.h>

static int needs_comma;

static void quote(const char *bytes, size_t size) {
  putchar('"');
  for (size_t i = 0; i < size; i++) {
    unsigned char byte = (unsigned char)bytes[i];
    if (byte < 0x20 || byte > 0x7e || byte == '"' || byte == '\\') printf("\\u%04x", byte);
    else putchar(byte);
  }
  putchar('"');
}

static void begin(const char *key) {
  if (needs_comma) putchar(',');
  if (key) {
    quote(key, strlen(key));
    putchar(':');
  }
  needs_comma = 1;
}

void json_open(const char *key, char bracket) {
  begin(key);
  putchar(bracket);
  needs_comma = 0;
}

void json_close(char bracket) {
  putchar(bracket);
  needs_comma = 1;
}

void json_bytes(const char *key, const char *bytes, size_t size) {
  begin(key);
  quote(bytes, size);
}

void json_text(const char *key, const char *text) { json_bytes(key, text, strlen(text)); }

void json_number(const char *key, long long number) {
  begin(key);
  printf("%lld", number);
}

void json_outcome(const char *key, long long outcome) {
  char text[32];
  snprintf(text, sizeof text, "%lld", outcome);
  json_text(key, outcome >= 0 ? "ok" : text);
}

void json_end(void) {
  putchar('\n');
  fflush(stdout);
}
