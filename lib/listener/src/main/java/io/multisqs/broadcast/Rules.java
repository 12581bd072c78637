package io.multisqs.broadcast;

import java.time.Duration;

/** The refusals of this package: each names the setting, the rule and the value it got. */
final class Rules {
  private Rules() {}

  static String matching(String setting, String value, String regex, String rule) {
    if (!value.matches(regex)) {
      throw refused(setting, rule, '"' + value + '"');
    }
    return value;
  }

  static Duration between(String setting, Duration value, Duration min, Duration max) {
    if (value.compareTo(min) < 0 || value.compareTo(max) > 0) {
      throw refused(setting, "must be " + text(min) + "…" + text(max), text(value));
    }
    return value;
  }

  static Duration wholeSeconds(String setting, Duration value, Duration min, Duration max) {
    if (value.toNanosPart() != 0) {
      throw refused(setting, "must be in whole seconds, as SQS counts it", value.toString());
    }
    return between(setting, value, min, max);
  }

  static IllegalArgumentException refused(String setting, String rule, String value) {
    return new IllegalArgumentException(setting + " " + rule + ", was " + value);
  }

  static IllegalArgumentException refused(
      String setting, String rule, String value, Exception cause) {
    return new IllegalArgumentException(refused(setting, rule, value).getMessage(), cause);
  }

  /** A duration as people write it. */
  static String text(Duration d) {
    return d.toNanosPart() != 0 ? d.toMillis() + " ms" : d.toSeconds() + " s";
  }
}
