package io.multisqs.internal;

import java.util.EnumMap;
import java.util.Map;

/** What a queue's messages came to since the start. Guarded by the board's lock. */
final class Counters {
  long received;
  long duplicates;
  long handled;
  long failed;
  private final Map<Outcome, Long> ended = new EnumMap<>(Outcome.class);

  void ended(Outcome outcome) {
    ended.merge(outcome, 1L, Long::sum);
  }

  /** A message whose delete was given up came back, and is deleted now. */
  void confirmedLate() {
    ended.merge(Outcome.UNCONFIRMED, -1L, Long::sum);
  }

  void add(Counters other) {
    received += other.received;
    duplicates += other.duplicates;
    handled += other.handled;
    failed += other.failed;
    other.ended.forEach((outcome, n) -> ended.merge(outcome, n, Long::sum));
  }

  long of(Outcome outcome) {
    return ended.getOrDefault(outcome, 0L);
  }
}
