package io.multisqs.internal;

/**
 * The bytes of messages that may wait in this process, over all queues (I18). A receive takes what
 * its messages are expected to have, and gives it back for what they have. Guarded by the board's
 * lock.
 */
final class ByteBudget {
  private final long limit;
  private long used;

  ByteBudget(long limit) {
    this.limit = limit;
  }

  long limit() {
    return limit;
  }

  long free() {
    return Math.max(0, limit - used);
  }

  void take(long bytes) {
    used += bytes;
  }

  void give(long bytes) {
    used -= bytes;
  }

  /** What is taken now. */
  long used() {
    return used;
  }
}
