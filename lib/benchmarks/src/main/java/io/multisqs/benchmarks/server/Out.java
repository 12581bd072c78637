package io.multisqs.benchmarks.server;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A growing byte buffer that answers are written into; reused, so that an answer costs no
 * allocation.
 */
final class Out {
  private static final char[] HEX = "0123456789abcdef".toCharArray();

  byte[] data = new byte[16 * 1024];
  int length;

  void clear() {
    length = 0;
  }

  Out ascii(String text) {
    int size = text.length();
    room(size);
    for (int i = 0; i < size; i++) {
      data[length++] = (byte) text.charAt(i);
    }
    return this;
  }

  Out bytes(byte[] from) {
    return bytes(from, 0, from.length);
  }

  Out bytes(byte[] from, int start, int end) {
    room(end - start);
    System.arraycopy(from, start, data, length, end - start);
    length += end - start;
    return this;
  }

  Out number(long value) {
    if (value < 0) {
      return ascii(Long.toString(value));
    }
    int digits = 1;
    for (long rest = value / 10; rest > 0; rest /= 10) {
      digits++;
    }
    room(digits);
    long rest = value;
    for (int i = length + digits - 1; i >= length; i--) {
      data[i] = (byte) ('0' + rest % 10);
      rest /= 10;
    }
    length += digits;
    return this;
  }

  /** Writes the lowest {@code digits} hexadecimal digits. */
  Out hex(long value, int digits) {
    room(digits);
    for (int shift = 4 * (digits - 1); shift >= 0; shift -= 4) {
      data[length++] = (byte) HEX[(int) (value >>> shift) & 15];
    }
    return this;
  }

  /** Writes a JSON string, quotes included. */
  Out quoted(String text) {
    ascii("\"");
    for (int i = 0; i < text.length(); ) {
      int point = text.codePointAt(i);
      i += Character.charCount(point);
      if (point == '"' || point == '\\') {
        ascii("\\").ascii(Character.toString(point));
      } else if (point < ' ') {
        ascii("\\u").hex(point, 4);
      } else if (point < 0x80) {
        room(1);
        data[length++] = (byte) point;
      } else {
        bytes(Character.toString(point).getBytes(StandardCharsets.UTF_8));
      }
    }
    return ascii("\"");
  }

  byte[] copy() {
    return Arrays.copyOf(data, length);
  }

  private void room(int more) {
    if (length + more > data.length) {
      data = Arrays.copyOf(data, Math.max(length + more, 2 * data.length));
    }
  }
}
