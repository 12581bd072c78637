package io.multisqs.benchmarks.server;

import java.nio.charset.StandardCharsets;

/**
 * Reads one JSON document in place, front to back. Strings can be taken as slices of the input,
 * since most of what a request holds is only echoed or compared.
 */
final class JsonScanner {
  byte[] data = new byte[0];

  /** Where the string read last begins and ends, without its quotes. */
  int start;

  int stop;

  private int at;
  private int end;

  void over(byte[] bytes, int from, int to) {
    data = bytes;
    at = from;
    end = to;
  }

  /** Steps into an object or array. */
  void enter(char bracket) {
    skipSpace();
    if (at >= end || data[at] != bracket) {
      throw new IllegalArgumentException("expected " + bracket + " at byte " + at);
    }
    at++;
  }

  /** True if another member or element follows; steps out of the object or array if not. */
  boolean more(char closing) {
    skipSpace();
    if (at < end && data[at] == ',') {
      at++;
      skipSpace();
    }
    if (at >= end) {
      throw new IllegalArgumentException("JSON ends too early");
    }
    if (data[at] == closing) {
      at++;
      return false;
    }
    return true;
  }

  String name() {
    String name = text();
    skipSpace();
    if (at >= end || data[at] != ':') {
      throw new IllegalArgumentException("expected : at byte " + at);
    }
    at++;
    return name;
  }

  /**
   * Reads a string and leaves its raw bytes between {@link #start} and {@link #stop}; true if it
   * has escapes.
   */
  boolean slice() {
    enter('"');
    start = at;
    boolean escaped = false;
    while (at < end && data[at] != '"') {
      if (data[at] == '\\') {
        escaped = true;
        at++;
      }
      at++;
    }
    if (at >= end) {
      throw new IllegalArgumentException("unclosed string");
    }
    stop = at++;
    return escaped;
  }

  String text() {
    return slice()
        ? new String(unescape(data, start, stop), StandardCharsets.UTF_8)
        : new String(data, start, stop - start, StandardCharsets.UTF_8);
  }

  /** Reads a number, or a number written as a string, as SQS's attributes are. */
  int number() {
    skipSpace();
    boolean quoted = at < end && data[at] == '"';
    if (quoted) {
      at++;
    }
    int from = at;
    while (at < end && (data[at] == '-' || (data[at] >= '0' && data[at] <= '9'))) {
      at++;
    }
    String digits = new String(data, from, at - from, StandardCharsets.US_ASCII);
    if (quoted) {
      at++;
    }
    return Integer.parseInt(digits);
  }

  void skip() {
    skipSpace();
    byte first = at < end ? data[at] : 0;
    if (first == '"') {
      slice();
    } else if (first == '{') {
      enter('{');
      while (more('}')) {
        name();
        skip();
      }
    } else if (first == '[') {
      enter('[');
      while (more(']')) {
        skip();
      }
    } else {
      while (at < end && data[at] != ',' && data[at] != '}' && data[at] != ']') {
        at++;
      }
    }
  }

  /** The bytes that a JSON string stands for. */
  static byte[] unescape(byte[] json, int from, int to) {
    StringBuilder text = new StringBuilder(to - from);
    String raw = new String(json, from, to - from, StandardCharsets.UTF_8);
    for (int i = 0; i < raw.length(); i++) {
      char c = raw.charAt(i);
      if (c != '\\') {
        text.append(c);
        continue;
      }
      char escape = raw.charAt(++i);
      switch (escape) {
        case 'n' -> text.append('\n');
        case 't' -> text.append('\t');
        case 'r' -> text.append('\r');
        case 'b' -> text.append('\b');
        case 'f' -> text.append('\f');
        case 'u' -> {
          text.append((char) Integer.parseInt(raw.substring(i + 1, i + 5), 16));
          i += 4;
        }
        default -> text.append(escape);
      }
    }
    return text.toString().getBytes(StandardCharsets.UTF_8);
  }

  private void skipSpace() {
    while (at < end && data[at] <= ' ') {
      at++;
    }
  }
}
