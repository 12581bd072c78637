package io.multisqs.internal;

import io.multisqs.ListenerClock;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Remembers what was logged, so that a failure that lasts is logged once for each kind and not for
 * each try (I14); nor for each time that it comes and goes. Thread-safe: guarded by itself.
 */
final class FailureLog {
  /** What comes back sooner than this is the same failure still. */
  private static final long QUIET = Duration.ofMinutes(1).toNanos();

  /** Kinds beyond this are logged no more until all are forgotten; no code makes so many. */
  private static final int MOST_KINDS = 64;

  private final ListenerClock clock;

  /** What {@link #count} answers for the first of its kind. */
  static final long NEW = -1;

  /** How often counted failures of one kind are told. */
  private static final long TOLD_EVERY = Duration.ofMinutes(1).toNanos();

  private static final class Repeats {
    long untold;
    long toldAt;
  }

  private final Set<String> kinds = new HashSet<>();
  private final Map<String, Repeats> repeats = new HashMap<>();

  /** Whether there is something to forget; read without the lock. */
  private volatile boolean any;

  private long lastAt;

  FailureLog(ListenerClock clock) {
    this.clock = clock;
  }

  /** Whether this kind is new since all were forgotten. */
  synchronized boolean isNew(Throwable failure) {
    return isNew(kind(failure));
  }

  synchronized boolean isNew(String kind) {
    lastAt = clock.nanoTime();
    any = true;
    return kinds.size() < MOST_KINDS && kinds.add(kind);
  }

  /**
   * Counts one of a kind that may come thousands of times: {@link #NEW} for the first since all
   * were forgotten; then once a minute how many came since that was last told; else 0.
   */
  synchronized long count(String kind) {
    if (isNew(kind)) {
      Repeats first = new Repeats();
      first.toldAt = lastAt;
      repeats.put(kind, first);
      return NEW;
    }
    Repeats more = repeats.computeIfAbsent(kinds.contains(kind) ? kind : "", k -> new Repeats());
    more.untold++;
    if (lastAt - more.toldAt < TOLD_EVERY) {
      return 0;
    }
    long told = more.untold;
    more.untold = 0;
    more.toldAt = lastAt;
    return told;
  }

  /** A success: forgets, after a minute without failures; true if there was something to forget. */
  boolean succeeded() {
    return any && forgets();
  }

  private synchronized boolean forgets() {
    if (kinds.isEmpty() || clock.nanoTime() - lastAt < QUIET) {
      return false;
    }
    kinds.clear();
    repeats.clear();
    any = false;
    return true;
  }

  static String kind(Throwable failure) {
    if (failure instanceof software.amazon.awssdk.awscore.exception.AwsServiceException e
        && e.awsErrorDetails() != null) {
      return e.awsErrorDetails().errorCode();
    }
    return failure.getClass().getName();
  }
}
