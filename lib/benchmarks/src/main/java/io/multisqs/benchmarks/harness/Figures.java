package io.multisqs.benchmarks.harness;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Named numbers, as one line of flat JSON. */
public final class Figures {
  private static final Pattern PAIR =
      Pattern.compile("\"([A-Za-z0-9.]+)\":(-?[0-9.]+(?:E-?[0-9]+)?)");

  private final Map<String, Double> values = new LinkedHashMap<>();

  /** Adds a figure; one that is no number is left out. */
  public Figures put(String name, double value) {
    if (Double.isFinite(value)) {
      values.put(name, value);
    }
    return this;
  }

  /** Adds a whole number. */
  public Figures put(String name, long value) {
    return put(name, (double) value);
  }

  /** The figure, or NaN if there is none. */
  public double get(String name) {
    return values.getOrDefault(name, Double.NaN);
  }

  /** All of them, in the order in which they were added. */
  public Map<String, Double> all() {
    return Map.copyOf(values);
  }

  /** Reads every name with a number anywhere in the text; of the same name the last. */
  public static Figures parse(String json) {
    Figures figures = new Figures();
    Matcher pair = PAIR.matcher(json);
    while (pair.find()) {
      figures.put(pair.group(1), Double.parseDouble(pair.group(2)));
    }
    return figures;
  }

  @Override
  public String toString() {
    StringBuilder json = new StringBuilder("{");
    values.forEach(
        (name, value) -> {
          if (json.length() > 1) {
            json.append(',');
          }
          json.append('"').append(name).append("\":");
          json.append(
              value == Math.rint(value) && Math.abs(value) < 1e15
                  ? String.format(Locale.ROOT, "%.0f", value)
                  : String.format(Locale.ROOT, "%.6f", value));
        });
    return json.append('}').toString();
  }
}
