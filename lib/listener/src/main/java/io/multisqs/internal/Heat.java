package io.multisqs.internal;

import io.multisqs.ListenerOptions;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Whether a queue is hot: whether it may be about to bring a message, so that lower work waits
 * (I2).
 *
 * <p>A queue is hot from the start, from each answer that brought something, and from the first
 * receive after a gap in which it was not asked, until a receive comes back empty or fails, or has
 * been outstanding for longer than the hold. Silence counts from the later of the receive's start
 * and the last answer that brought something: a receive that stood while another one was fed proves
 * nothing about what came with it. Guarded by the board's lock.
 */
final class Heat {
  private static final long NEVER = Long.MIN_VALUE;

  /** A call that took longer says more of a fault than of the way there and back. */
  private static final long LONGEST_SAMPLE = 250_000_000L;

  /** While no round trip is known, one that took longer is taken to have stood. */
  private static final long LONGEST_FIRST_RECEIVE = ListenerOptions.FIRST_HOLD.toNanos();

  /** A round trip from longer ago says little of the next. */
  private static final long FRESH = 1_000_000_000L;

  private final ReceiveTimes times = new ReceiveTimes();
  private long sampledAt;

  /** Starts of the outstanding receives, oldest first. */
  private final Deque<Long> outstanding = new ArrayDeque<>(4);

  private boolean hot = true;
  private long lastFed;

  /** Since when no receive stands, while none does. */
  private long unaskedSince;

  /** Since when it could be asked and is not, while that is so. */
  private long readySince = NEVER;

  Heat(long now) {
    lastFed = now;
    unaskedSince = now;
  }

  ReceiveTimes times() {
    return times;
  }

  /** A receive goes out. What came while nobody asked is not known: the queue is hot again. */
  void asked(long now, long hold) {
    if (outstanding.isEmpty() && now - unaskedSince > hold) {
      hot = true;
    }
    readySince = NEVER;
    outstanding.addLast(now);
  }

  /**
   * An answer that brought something.
   *
   * @param full whether it brought all that was asked for: then it hardly waited for a message to
   *     be sent, unless it took so long that it may have stood on an empty queue
   */
  void fed(long askedAt, long now, boolean full) {
    answered(askedAt, now);
    long longest = times.isKnown() ? times.generous() : LONGEST_FIRST_RECEIVE;
    if (full && now - askedAt <= longest) {
      times.sample(now - askedAt);
      sampledAt = now;
    }
    hot = true;
    lastFed = now;
  }

  /** Another call to the same queue, which never stands, took this long. */
  void sample(long nanos, long now) {
    sample(times, nanos);
    sampledAt = now;
  }

  /** Whether its times tell of now. */
  boolean isFresh(long now) {
    return now - sampledAt < FRESH;
  }

  static void sample(ReceiveTimes times, long nanos) {
    times.sample(Math.min(nanos, LONGEST_SAMPLE));
  }

  /** An empty answer, which proves emptiness unless another receive was fed since it was asked. */
  void empty(long askedAt, long now, long hold) {
    answered(askedAt, now);
    if (askedAt - lastFed >= 0 || now - lastFed >= hold) {
      hot = false;
    }
  }

  /** A failed receive proves nothing, and must hold nobody. */
  void failed(long askedAt, long now) {
    answered(askedAt, now);
    hot = false;
  }

  private void answered(long askedAt, long now) {
    outstanding.removeFirstOccurrence(askedAt);
    if (outstanding.isEmpty()) {
      unaskedSince = now;
    }
  }

  /** Cheap: whether there is a point in asking for more. */
  boolean mayHold() {
    return hot || outstanding.isEmpty();
  }

  /**
   * Until when this queue holds lower work back; not after {@code now} if it does not.
   *
   * @param canAsk whether it may be received from now; one that may not has its messages here
   *     already, or is paused, or backs off, and holds nobody
   */
  long holdsUntil(long now, long hold, boolean canAsk) {
    Long oldest = outstanding.peekFirst();
    if (oldest == null) {
      return holdsUnaskedUntil(now, hold, canAsk);
    }
    if (!hot) {
      return now;
    }
    long until = Math.max(oldest - lastFed, 0) + lastFed + hold;
    if (until - now <= 0) {
      hot = false;
    }
    return until;
  }

  /** Between two receives the poller was woken and is about to ask; it gets one hold to do so. */
  private long holdsUnaskedUntil(long now, long hold, boolean canAsk) {
    if (!canAsk) {
      readySince = NEVER;
      return now;
    }
    if (!hot && now - unaskedSince <= hold) {
      return now;
    }
    if (readySince == NEVER) {
      readySince = now;
    }
    return readySince + hold;
  }

  /** Whether it is hot, for people to read. */
  boolean isHot(long now, long hold) {
    Long oldest = outstanding.peekFirst();
    return hot && (oldest == null || Math.max(oldest - lastFed, 0) + lastFed + hold - now > 0);
  }
}
