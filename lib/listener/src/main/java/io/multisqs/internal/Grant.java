package io.multisqs.internal;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The right to make one receive. Immutable, but for {@link #settled}. */
final class Grant {
  /** The queue. */
  final Lane lane;

  /** How many messages to ask for: the credits that were taken for it. */
  final int messages;

  /** How much of the byte budget was taken for it. */
  final long bytes;

  /** When it was given. */
  final long askedAt;

  /** How long SQS may wait for a message before it answers. */
  final Duration standsFor;

  /** The receive request attempt id; null on a standard queue. */
  final @Nullable String attemptId;

  /**
   * Whether its credits and bytes were given back, which happens once. Guarded by the board's lock.
   */
  boolean settled;

  Grant(
      Lane lane,
      int messages,
      long bytes,
      long askedAt,
      Duration standsFor,
      @Nullable String attemptId) {
    this.lane = lane;
    this.messages = messages;
    this.bytes = bytes;
    this.askedAt = askedAt;
    this.standsFor = standsFor;
    this.attemptId = attemptId;
  }
}
