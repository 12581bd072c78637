package io.multisqs;

import java.time.Duration;

/** The refusals of the builders: each names the setting, the rule and the value it got. */
final class Check {
  private Check() {}

  static int between(String setting, int value, int min, int max) {
    if (value < min || value > max) {
      throw refused(setting, "must be " + min + "…" + max, String.valueOf(value));
    }
    return value;
  }

  static Duration between(String setting, Duration value, Duration min, Duration max) {
    if (value.compareTo(min) < 0 || value.compareTo(max) > 0) {
      throw refused(setting, "must be " + text(min) + "…" + text(max), text(value));
    }
    return value;
  }

  static void wholeSeconds(String setting, Duration value) {
    if (!value.equals(Duration.ofSeconds(value.toSeconds()))) {
      throw refused(setting, "must be in whole seconds, as SQS counts it", text(value));
    }
  }

  static String notBlank(String setting, String value) {
    if (value.isBlank()) {
      throw refused(setting, "must not be blank", '"' + value + '"');
    }
    return value;
  }

  static IllegalArgumentException refused(String setting, String rule, String value) {
    return new IllegalArgumentException(setting + " " + rule + ", was " + value);
  }

  /** A duration as people write it: {@code 20 s}, {@code 150 ms}, {@code 12 h}. */
  static String text(Duration d) {
    if (d.toNanosPart() % 1_000_000 != 0) {
      return d.toNanos() + " ns";
    }
    if (d.toNanosPart() != 0) {
      return d.toMillis() + " ms";
    }
    long s = d.toSeconds();
    if (s != 0 && s % 86_400 == 0) {
      return s / 86_400 + " d";
    }
    if (s != 0 && s % 3_600 == 0) {
      return s / 3_600 + " h";
    }
    return s + " s";
  }
}
