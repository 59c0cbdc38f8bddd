/* Text without stdio and without time zones: printf and localtime would triple the resident pages. */
#include "keeper.h"

#include <string.h>

void put_bytes(struct text *text, const void *bytes, size_t length) {
  if (text->cut || length > text->room - text->length) {
    text->cut = true;
    return;
  }
  memcpy(text->bytes + text->length, bytes, length);
  text->length += length;
}

void put(struct text *text, const char *string) { put_bytes(text, string, strlen(string)); }

static void put_padded(struct text *text, uint64_t number, size_t digits) {
  char reversed[20];
  size_t length = 0;
  do {
    reversed[length++] = (char)('0' + number % 10);
    number /= 10;
  } while (number > 0 && length < sizeof reversed);
  while (length < digits) reversed[length++] = '0';
  while (length > 0) put_bytes(text, &reversed[--length], 1);
}

void put_number(struct text *text, uint64_t number) { put_padded(text, number, 1); }

/* The length of the UTF-8 character at `bytes`, 0 where there is none (RFC 3629: no overlong forms, no surrogates). */
static size_t utf8_length(const uint8_t *bytes, size_t left) {
  uint8_t first = bytes[0];
  size_t length = first < 0x80 ? 1 : first >= 0xc2 && first < 0xe0 ? 2 : (first & 0xf0) == 0xe0 ? 3 : first >= 0xf0 && first < 0xf5 ? 4 : 0;
  if (length == 0 || length > left) return 0;
  for (size_t i = 1; i < length; i++)
    if ((bytes[i] & 0xc0) != 0x80) return 0;
  if ((first == 0xe0 && bytes[1] < 0xa0) || (first == 0xed && bytes[1] > 0x9f)) return 0;
  if ((first == 0xf0 && bytes[1] < 0x90) || (first == 0xf4 && bytes[1] > 0x8f)) return 0;
  return length;
}

/* A JSON string with its quotes; bytes that are not UTF-8 become U+FFFD. */
void put_json(struct text *text, const void *bytes, size_t length) {
  static const char hex[] = "0123456789abcdef";
  const uint8_t *at = bytes, *end = at + length;
  put(text, "\"");
  while (at < end) {
    size_t width = utf8_length(at, (size_t)(end - at));
    if (width == 0) {
      put(text, "\\ufffd");
      width = 1;
    } else if (*at == '"' || *at == '\\') {
      char escaped[2] = {'\\', (char)*at};
      put_bytes(text, escaped, 2);
    } else if (*at < 0x20) {
      char escaped[6] = {'\\', 'u', '0', '0', hex[*at >> 4], hex[*at & 15]};
      put_bytes(text, escaped, 6);
    } else {
      put_bytes(text, at, width);
    }
    at += width;
  }
  put(text, "\"");
}

/* RFC 3339 with nanoseconds, in UTC, written as conmon writes it there: +00:00. Years 1970 to 9999. */
void put_time(struct text *text, struct timespec time) {
  uint64_t seconds = (uint64_t)time.tv_sec, days = seconds / 86400, rest = seconds % 86400;
  uint64_t year = 1970, month = 0;
  for (;; year++) {
    uint64_t length = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 ? 366 : 365;
    if (days < length) break;
    days -= length;
  }
  bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  static const uint8_t lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  for (; month < 11; month++) {
    uint64_t length = lengths[month] + (month == 1 && leap ? 1u : 0u);
    if (days < length) break;
    days -= length;
  }
  put_padded(text, year, 4);
  put(text, "-"), put_padded(text, month + 1, 2);
  put(text, "-"), put_padded(text, days + 1, 2);
  put(text, "T"), put_padded(text, rest / 3600, 2);
  put(text, ":"), put_padded(text, rest / 60 % 60, 2);
  put(text, ":"), put_padded(text, rest % 60, 2);
  put(text, "."), put_padded(text, (uint64_t)time.tv_nsec, 9);
  put(text, "+00:00");
}

int64_t now_ms(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}
