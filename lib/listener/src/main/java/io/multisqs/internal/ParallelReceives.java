package io.multisqs.internal;

/**
 * How many receives one queue has under way, and how many it may (I2's standing poll is one).
 *
 * <p>Answers that come back full say that the queue is deep: then as many as credits allow. Answers
 * that do not, but come often, find no receive standing while the next one travels: then as many as
 * cover the arrivals of one round trip. Else one. Guarded by the board's lock.
 */
final class ParallelReceives {
  private static final long WINDOW = 10_000_000_000L;

  private final int max;
  private int underWay;
  private boolean lastWasFull;
  private boolean fed;
  private long lastFedAt;
  private double meanGap = Double.MAX_VALUE;

  /** The most that were under way at once in this window of time, and in the one before it. */
  private int most;

  private int mostBefore;
  private long windowFrom;

  ParallelReceives(int max) {
    this.max = max;
  }

  int underWay() {
    return underWay;
  }

  void asked(long now) {
    if (most == 0) {
      windowFrom = now;
    }
    underWay++;
    most = Math.max(mostInThisWindow(now), underWay);
  }

  /** Whether the last answer brought all that was asked for: as a rule, the queue has more. */
  boolean lastWasFull() {
    return lastWasFull;
  }

  /** The most that were under way at once lately: more pollers than these are not needed. */
  int mostLately(long now) {
    return Math.max(mostInThisWindow(now), mostBefore);
  }

  private int mostInThisWindow(long now) {
    if (now - windowFrom >= WINDOW) {
      mostBefore = now - windowFrom < 2 * WINDOW ? most : underWay;
      most = underWay;
      windowFrom = now;
    }
    return most;
  }

  void failed() {
    underWay--;
    lastWasFull = false;
  }

  void answered(int asked, int got, long now) {
    underWay--;
    // One that was asked for one message alone, and brought it, tells nothing of how deep it is.
    if (got == 0 || asked > 1) {
      lastWasFull = got >= asked;
    }
    if (got > 0) {
      if (fed) {
        double gap = now - lastFedAt;
        meanGap = meanGap == Double.MAX_VALUE ? gap : meanGap + (gap - meanGap) / 8;
      }
      fed = true;
      lastFedAt = now;
    }
  }

  int allowed(ReceiveTimes times, long now) {
    if (lastWasFull) {
      return max;
    }
    double gap = Math.max(meanGap, (double) (now - lastFedAt));
    double arrivals = times.mean() / Math.max(1, gap);
    if (arrivals < 0.05) {
      return 1;
    }
    return (int) Math.min(max, 1 + Math.ceil(arrivals + 2 * Math.sqrt(arrivals)));
  }
}
