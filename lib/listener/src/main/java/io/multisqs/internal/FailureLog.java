package io.multisqs.internal;

import java.util.HashSet;
import java.util.Set;

/**
 * Remembers what was logged, so that a failure that lasts is logged once for each kind and not for
 * each try (I14). Thread-safe: guarded by itself.
 */
final class FailureLog {
  /** Kinds beyond this are logged no more until one is cleared; no code makes so many. */
  private static final int MOST_KINDS = 64;

  private final Set<String> kinds = new HashSet<>();

  /** Whether this kind is new since the last {@link #clear}. */
  synchronized boolean isNew(Throwable failure) {
    return isNew(kind(failure));
  }

  synchronized boolean isNew(String kind) {
    return kinds.size() < MOST_KINDS && kinds.add(kind);
  }

  /** Forgets; true if there was something to forget. */
  synchronized boolean clear() {
    boolean had = !kinds.isEmpty();
    kinds.clear();
    return had;
  }

  private static String kind(Throwable failure) {
    if (failure instanceof software.amazon.awssdk.awscore.exception.AwsServiceException e
        && e.awsErrorDetails() != null) {
      return e.awsErrorDetails().errorCode();
    }
    return failure.getClass().getName();
  }
}
