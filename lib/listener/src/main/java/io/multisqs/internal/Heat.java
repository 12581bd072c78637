package io.multisqs.internal;

import io.multisqs.ListenerOptions;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * What is known of a queue's backlog on the server: whether messages are likely to wait there that
 * are not here yet, how many, and until when lower work waits for them (I2).
 *
 * <p>A queue is hot after each answer that brought something, and after the first receive that
 * follows a gap in which nobody asked, until a receive comes back empty or fails, or has been
 * outstanding for longer than the hold. Silence counts from the later of the receive's start and
 * the last answer that brought something: a receive that stood while another one was fed proves
 * nothing about what came with it.
 *
 * <p>How much a hot queue may cost depends on the {@link Evidence}. Guarded by the board's lock.
 */
final class Heat {
  /** What speaks for messages that wait on the server. */
  enum Evidence {
    /** Nobody has looked yet: the listener has just started. Costs each queue one hold at most. */
    UNSEEN,

    /**
     * The last answer was full, or brought messages that had lain there for over a round trip, or
     * fresh ones where such answers have lately been the first of many.
     */
    BACKLOG,

    /** The last answer brought fresh messages, or nobody asked for a while: more may be there. */
    CHANCE
  }

  private static final long NEVER = Long.MIN_VALUE;
  private static final long UNBOUNDED = Long.MAX_VALUE;

  /** A call that took longer says more of a fault than of the way there and back. */
  private static final long LONGEST_SAMPLE = 250_000_000L;

  /** While no round trip is known, one that took longer is taken to have stood. */
  private static final long LONGEST_FIRST_RECEIVE = ListenerOptions.FIRST_HOLD.toNanos();

  /** A round trip from longer ago says little of the next. */
  private static final long FRESH = 1_000_000_000L;

  /** Half of a receive: fresh messages that so many others follow are the first of a burst. */
  private static final int MANY = 5;

  /** A receive that is outstanding. */
  private record Ask(long at, int messages) {}

  private final ReceiveTimes times = new ReceiveTimes();
  private long sampledAt;

  /** Oldest first. */
  private final Deque<Ask> outstanding = new ArrayDeque<>(4);

  private boolean hot = true;
  private Evidence evidence = Evidence.UNSEEN;
  private long lastFed;

  /** When an answer last spoke for a backlog. */
  private long backlogAt;

  /** Whether fresh messages came last as the end of a backlog, which tells of no beginning. */
  private boolean afterBacklog;

  /** How many messages the last answer with any brought. */
  private int lastGot = 1;

  /** How many messages came next, of late, after fresh ones; many until that is known. */
  private double followUp = MANY;

  /** When it ceases to be hot though receives are out, as a later one than those was empty. */
  private long hotAtMostUntil = UNBOUNDED;

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
  void asked(long now, int messages, long hold) {
    coolIfSilent(now, hold);
    if (outstanding.isEmpty() && now - unaskedSince > hold) {
      if (!hot) {
        evidence = Evidence.CHANCE;
      }
      hot = true;
      hotAtMostUntil = UNBOUNDED;
    }
    readySince = NEVER;
    outstanding.addLast(new Ask(now, messages));
  }

  /**
   * An answer that brought something.
   *
   * @param askedAt when its receive went out
   * @param asked how many messages it asked for
   * @param got how many it brought
   * @param lay whether one of them had lain there for longer than a round trip
   */
  void answeredWithMessages(long askedAt, long now, int asked, int got, boolean lay) {
    answered(askedAt, now);
    learnFollowUp(got);
    // All that was asked for: then it hardly waited for a message to be sent, unless it took so
    // long that it may have stood on an empty queue.
    boolean isFull = got > 1 && got >= asked;
    long longest = times.isKnown() ? times.generous() : LONGEST_FIRST_RECEIVE;
    if (isFull && now - askedAt <= longest) {
      times.sample(now - askedAt);
      sampledAt = now;
    }
    if (isFull || lay) {
      evidence = Evidence.BACKLOG;
      backlogAt = now;
    } else if (evidence != Evidence.BACKLOG || askedAt - backlogAt >= 0) {
      // Less than was asked for, all of it fresh: the backlog, if there was one, is worked off.
      afterBacklog = hot && evidence == Evidence.BACKLOG;
      evidence = Evidence.CHANCE;
    }
    lastGot = got;
    hot = true;
    hotAtMostUntil = UNBOUNDED;
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

  /**
   * An empty answer, which proves emptiness unless another receive was fed since it was asked.
   * Receives that are out still, and have not been silent for the hold, may carry what this one did
   * not find: the queue stays hot for them, but for no receive that is asked later.
   */
  void empty(long askedAt, long now, long hold) {
    coolIfSilent(now, hold);
    answered(askedAt, now);
    if (askedAt - lastFed >= 0 || now - lastFed >= hold) {
      Ask newest = outstanding.peekLast();
      if (newest == null || silentAt(newest, hold) - now <= 0) {
        cool();
      } else if (hotAtMostUntil == UNBOUNDED) {
        hotAtMostUntil = silentAt(newest, hold);
      }
    }
  }

  /** What followed fresh messages: so many others, or none within the hold. */
  private void learnFollowUp(int got) {
    if (hot && evidence == Evidence.CHANCE && !afterBacklog) {
      followUp += (got - followUp) / 4;
    }
  }

  private void cool() {
    learnFollowUp(0);
    hot = false;
  }

  /** A failed receive proves nothing, and must hold nobody. */
  void failed(long askedAt, long now) {
    answered(askedAt, now);
    hot = false;
  }

  private void answered(long askedAt, long now) {
    for (var asks = outstanding.iterator(); asks.hasNext(); ) {
      if (asks.next().at == askedAt) {
        asks.remove();
        break;
      }
    }
    if (outstanding.isEmpty()) {
      unaskedSince = now;
    }
  }

  /** When this receive's silence proves the queue empty. */
  private long silentAt(Ask ask, long hold) {
    return Math.max(ask.at - lastFed, 0) + lastFed + hold;
  }

  /** Until when it is hot, while a receive is out. */
  private long hotUntil(Ask oldest, long hold) {
    long until = silentAt(oldest, hold);
    return hotAtMostUntil != UNBOUNDED && hotAtMostUntil - until < 0 ? hotAtMostUntil : until;
  }

  /** One that was silent for the hold stays cool, whichever receives are out then. */
  void coolIfSilent(long now, long hold) {
    Ask oldest = outstanding.peekFirst();
    if (hot && oldest != null && hotUntil(oldest, hold) - now <= 0) {
      cool();
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
    Ask oldest = outstanding.peekFirst();
    if (oldest == null) {
      return holdsUnaskedUntil(now, hold, canAsk);
    }
    return hot ? hotUntil(oldest, hold) : now;
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

  /** What speaks for messages on the server, while it holds lower work back. */
  Evidence evidence() {
    if (!hot) {
      return Evidence.CHANCE;
    }
    return evidence == Evidence.CHANCE && followUp >= MANY ? Evidence.BACKLOG : evidence;
  }

  /**
   * How many slots the receives that are out, or the one that is about to go, are likely to fill.
   * Behind a backlog the next receives follow at once, so it takes whatever slots there are.
   */
  int likely(int aboutToAsk) {
    int most = aboutToAsk;
    if (!outstanding.isEmpty()) {
      most = 0;
      for (Ask ask : outstanding) {
        most += ask.messages;
      }
    }
    return switch (evidence()) {
      case UNSEEN -> most;
      case BACKLOG -> Integer.MAX_VALUE;
      case CHANCE -> Math.min(most, lastGot);
    };
  }

  /** Whether it is hot, for people to read. */
  boolean isHot(long now, long hold) {
    Ask oldest = outstanding.peekFirst();
    return hot && (oldest == null || hotUntil(oldest, hold) - now > 0);
  }
}
