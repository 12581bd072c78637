package io.multisqs.chaos;

import java.time.Duration;

/**
 * One run.
 *
 * @param seed decides every fault, and which handlers fail or are slow
 * @param groups message groups of a FIFO queue; 0 for a standard queue
 * @param messages how many are sent
 * @param concurrency slots
 * @param rate the share of exchanges that meet a fault
 * @param slow how many messages have a handler that outlasts the visibility timeout
 * @param sdkRetries whether the client retries by itself, as a user's client does by default
 * @param limit how long the work may take
 */
record ChaosPlan(
    long seed,
    int groups,
    int messages,
    int concurrency,
    double rate,
    int slow,
    boolean sdkRetries,
    Duration limit) {

  boolean isFifo() {
    return groups > 0;
  }

  /** The message's group. */
  String group(int n) {
    return "group-" + n % groups;
  }

  /** A message that no handler ever manages, and that has to end in the dead-letter queue. */
  boolean isPoison(int n) {
    return chance(n, 1) < 0.005;
  }

  /** Whether this try of the message's handler throws. */
  boolean fails(int n, int earlierTries) {
    return isPoison(n) || (earlierTries < 3 && chance(n, 2 + earlierTries) < 0.03);
  }

  /** Whether the first try of the message's handler outlasts the visibility timeout. */
  boolean isSlow(int n) {
    return slow > 0 && n % (messages / slow) == messages / slow / 2;
  }

  private double chance(int n, int salt) {
    long mixed = (seed + n * 0x9E3779B97F4A7C15L + salt * 0xBF58476D1CE4E5B9L);
    mixed = (mixed ^ (mixed >>> 30)) * 0xBF58476D1CE4E5B9L;
    mixed = (mixed ^ (mixed >>> 27)) * 0x94D049BB133111EBL;
    return ((mixed ^ (mixed >>> 31)) >>> 11) * 0x1.0p-53;
  }
}
