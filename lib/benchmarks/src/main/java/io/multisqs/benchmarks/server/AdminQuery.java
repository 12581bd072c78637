package io.multisqs.benchmarks.server;

import java.util.HashMap;
import java.util.Map;

/**
 * The part of an admin path behind the question mark. Names and values are plain; nothing is
 * percent-encoded.
 */
public final class AdminQuery {
  private final Map<String, String> values = new HashMap<>();

  /** Reads {@code name=value&name=value}. */
  public AdminQuery(String query) {
    for (String pair : query.split("&", -1)) {
      int equals = pair.indexOf('=');
      if (equals > 0) {
        values.put(pair.substring(0, equals), pair.substring(equals + 1));
      }
    }
  }

  /** The value; refused if it is missing. */
  public String text(String name) {
    String value = values.get(name);
    if (value == null) {
      throw new IllegalArgumentException(name + " is missing");
    }
    return value;
  }

  /** The value as a number; refused if it is missing. */
  public int number(String name) {
    return Integer.parseInt(text(name));
  }

  /** The value as a number, or another if it is missing. */
  public int number(String name, int otherwise) {
    return values.containsKey(name) ? number(name) : otherwise;
  }
}
