package io.multisqs.internal;

/**
 * How many receives one queue has under way, and how many it may (I2's standing poll is one).
 *
 * <p>Answers that come back full say that the queue is deep: then as many as credits allow. Answers
 * that do not, but come often, find no receive standing while the next one travels: then as many as
 * cover the arrivals of one round trip. Else one. Guarded by the board's lock.
 */
final class ParallelReceives {
  private final int max;
  private int underWay;
  private boolean lastWasFull;
  private boolean fed;
  private long lastFedAt;
  private double meanGap = Double.MAX_VALUE;

  ParallelReceives(int max) {
    this.max = max;
  }

  int underWay() {
    return underWay;
  }

  void asked() {
    underWay++;
  }

  void failed() {
    underWay--;
    lastWasFull = false;
  }

  void answered(int asked, int got, long now) {
    underWay--;
    lastWasFull = got >= asked;
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
