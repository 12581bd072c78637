package io.multisqs.internal;

import io.multisqs.ListenerClock;
import java.time.Duration;
import java.util.HashSet;
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
  private final Set<String> kinds = new HashSet<>();
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
    return kinds.size() < MOST_KINDS && kinds.add(kind);
  }

  /** A success: forgets, after a minute without failures; true if there was something to forget. */
  synchronized boolean succeeded() {
    if (kinds.isEmpty() || clock.nanoTime() - lastAt < QUIET) {
      return false;
    }
    kinds.clear();
    return true;
  }

  private static String kind(Throwable failure) {
    if (failure instanceof software.amazon.awssdk.awscore.exception.AwsServiceException e
        && e.awsErrorDetails() != null) {
      return e.awsErrorDetails().errorCode();
    }
    return failure.getClass().getName();
  }
}
