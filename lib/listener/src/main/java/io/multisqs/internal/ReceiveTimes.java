package io.multisqs.internal;

/**
 * How long a queue takes to answer when it has something: a smoothed mean and deviation, as TCP
 * keeps of round trips. Guarded by the board's lock.
 */
final class ReceiveTimes {
  private long mean = -1;
  private long deviation;

  void sample(long nanos) {
    if (mean < 0) {
      mean = nanos;
      deviation = nanos / 2;
    } else {
      deviation += (Math.abs(nanos - mean) - deviation) / 4;
      mean += (nanos - mean) / 8;
    }
  }

  boolean isKnown() {
    return mean >= 0;
  }

  /** The mean, or 0 before the first sample. */
  long mean() {
    return Math.max(0, mean);
  }

  /** A time that hardly any answer exceeds. */
  long generous() {
    return mean + Math.max(mean, 4 * deviation);
  }
}
