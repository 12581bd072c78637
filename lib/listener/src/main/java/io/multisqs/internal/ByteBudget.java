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

  /** How many messages of this size fit. */
  int roomFor(long messageBytes) {
    return (int) Math.min(Integer.MAX_VALUE, Math.max(0, limit - used) / Math.max(1, messageBytes));
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
