package io.multisqs.internal;

/**
 * Whether a queue is hot: whether it may be about to bring a message, so that lower work waits
 * (I2).
 *
 * <p>A queue is hot from the start, and from each answer that brought something, until a receive
 * comes back empty or fails, or has been outstanding for longer than the hold. Silence counts from
 * the later of the receive's start and the last answer that brought something: a receive that stood
 * while another one was fed proves nothing about what came with it. Guarded by the dispatcher's
 * lock.
 */
final class Heat {
  private final ReceiveTimes times = new ReceiveTimes();
  private boolean hot = true;
  private long lastFed;

  /** Starts of the outstanding receives, oldest first: few, so an array list would be no faster. */
  private final java.util.ArrayDeque<Long> outstanding = new java.util.ArrayDeque<>(4);

  Heat(long now) {
    lastFed = now;
  }

  ReceiveTimes times() {
    return times;
  }

  void asked(long now) {
    outstanding.addLast(now);
  }

  void fed(long askedAt, long now) {
    outstanding.removeFirstOccurrence(askedAt);
    // An answer to a receive that found the queue hot came as fast as the queue can answer.
    if (hot && PriorityHold.isPrompt(now - askedAt)) {
      times.sample(now - askedAt);
    }
    hot = true;
    lastFed = now;
  }

  /** An empty answer, which proves emptiness unless another receive was fed since it was asked. */
  void empty(long askedAt, long now, long hold) {
    outstanding.removeFirstOccurrence(askedAt);
    if (askedAt - lastFed >= 0 || now - lastFed >= hold) {
      hot = false;
    }
  }

  /** A failed receive proves nothing, and must hold nobody. */
  void failed(long askedAt) {
    outstanding.removeFirstOccurrence(askedAt);
    hot = false;
  }

  /** Cheap: whether there is a point in asking for more. */
  boolean mayHold() {
    return hot;
  }

  /**
   * Until when this queue holds lower work back; not after {@code now} if it does not.
   *
   * @param canAsk whether it may be received from now; one that may not has its messages here
   *     already, or is paused, or backs off, and holds nobody
   */
  long holdsUntil(long now, long hold, boolean canAsk) {
    if (!hot) {
      return now;
    }
    Long oldest = outstanding.peekFirst();
    if (oldest == null) {
      // Between two receives: the poller was woken and is about to ask.
      return canAsk ? now + hold : now;
    }
    long until = Math.max(oldest - lastFed, 0) + lastFed + hold;
    if (until - now <= 0) {
      hot = false;
    }
    return until;
  }

  /** Whether it is hot, for people to read. */
  boolean isHot(long now, long hold, boolean canAsk) {
    return holdsUntil(now, hold, canAsk) - now > 0;
  }
}
