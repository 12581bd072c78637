package io.multisqs.internal;

import io.multisqs.Polling;
import java.time.Duration;
import java.util.IdentityHashMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What is decided about receives: which may be made now, for how much, and which poller is woken to
 * make it. A part of the {@link Board}, under its lock.
 */
final class Receiving {
  /**
   * How long a receive from a FIFO queue stands while messages of it are here. If a head fails
   * meanwhile, it must not return before the receive is over, which could bring those behind it as
   * well; and a retry is not to be late by more than this.
   */
  static final Duration FIFO_STANDS_FOR = Duration.ofSeconds(1);

  /** A poller beyond its queue's first ends after so long without a receive. */
  private static final long IDLE = Duration.ofSeconds(10).toNanos();

  private final Board board;
  private final ReceiveGate gate;
  private final BlockedLanes blocked;
  private final Promised promised = new Promised();
  private final PriorityHold hold;

  /** Round-trip times, per client. */
  private final IdentityHashMap<Object, ReceiveTimes> ways = new IdentityHashMap<>();

  Receiving(Board board, PriorityHold hold) {
    this.board = board;
    this.blocked = new BlockedLanes(board.slots);
    this.gate = new ReceiveGate(board, blocked);
    this.hold = hold;
  }

  /** Takes the credits for a receive; null if none may be made now, with the reason in the lane. */
  @Nullable Grant grant(Lane lane, long now) {
    int messages = gate.messagesFor(lane, now);
    if (messages == 0) {
      return null;
    }
    BlockedLanes.remove(lane);
    Duration standsFor = standsFor(lane);
    if (lane.isFifo() && lane.source().allowsOneReceive()) {
      messages = 1; // Others of its group would have to be given back if it fails.
    } else if (lane.isFifo() && messages > 1) {
      long way = lane.heat.times().mean();
      if (!lane.failedHeads.mayComeBy(now + standsFor.toNanos() + way, now)) {
        // It is over before a head that failed returns.
      } else if (lane.receives.lastWasFull() && !lane.failedHeads.mayComeBy(now + 2 * way, now)) {
        standsFor = Duration.ZERO; // It has no need to stand.
      } else {
        messages = 1;
      }
    }
    long expected = messages * lane.expectedBytes;
    if (stands(lane)) {
      expected = Math.min(expected, bytesOfStanding());
    }
    String attempt = null;
    if (lane.isFifo()) {
      attempt = lane.lostAttempts.peek();
      attempt = attempt != null ? attempt : UUID.randomUUID().toString();
    }
    Grant grant = new Grant(lane, messages, expected, now, standsFor, attempt);
    lane.heat.asked(now, messages, holdOf(lane, now));
    lane.failedHeads.asked(grant);
    promised.asked(grant, now, holdOf(lane, now));
    // All that needs memory is done: from here on the grant is taken, and reaches who asked.
    lane.lostAttempts.poll();
    board.takeBytes(lane, expected);
    lane.credits.asked(messages);
    lane.receives.asked(now);
    wakePoller(lane, now);
    return grant;
  }

  /** How long the next receive of a queue stands if there is nothing. */
  private static Duration standsFor(Lane lane) {
    if (!(lane.config.polling() instanceof Polling.LongPoll longPoll)) {
      return Duration.ZERO;
    }
    Duration most = longPoll.waitTime();
    boolean shorter = lane.isFifo() && !stands(lane) && most.compareTo(FIFO_STANDS_FOR) > 0;
    return shorter ? FIFO_STANDS_FOR : most;
  }

  /**
   * For how many of the messages that are wanted of a queue there is memory: of what all queues
   * share, or of the queue's own floor where others, paused or with deletes that fail, hold that.
   */
  int fit(Lane lane, int wanted) {
    long room = Math.max(board.bytes.free(), bytesOfStanding() - lane.bytesTaken);
    long fit =
        stands(lane)
            ? Math.max(1, bytesOfStanding() / lane.expectedBytes)
            : Math.max(0, room) / lane.expectedBytes;
    return (int) Math.min(wanted, fit);
  }

  /** How many messages other queues, of this one's priority or higher, were just asked for. */
  int promisedToOthers(Lane lane, long now) {
    return promised.toOthers(lane, now);
  }

  /** Whether its next receive is the one that waits for whatever comes first. */
  private static boolean stands(Lane lane) {
    return lane.here.isEmpty() && lane.credits.requested() == 0;
  }

  /**
   * What one standing receive may take of the budget, and what each queue may have though others
   * hold all the rest: of all queues together half as much as the budget, so that the idle ones,
   * however many and whatever they may bring, leave the rest to those that are busy. One message a
   * standing receive may bring however large, or it would never come.
   */
  private long bytesOfStanding() {
    return board.bytes.limit() / 2 / board.lanes.size();
  }

  /** Gives back what a grant took, but for what its messages then take one by one. */
  void settle(Grant grant) {
    board.giveBytes(grant.lane, grant.bytes);
    grant.lane.credits.answered(grant.messages);
    grant.lane.failedHeads.answered(grant);
    promised.answered(grant, board.clock.nanoTime());
    board.somethingEnded();
  }

  /** A call for messages of a queue, which never stands, took this long. */
  void callTook(Lane lane, long nanos) {
    lane.heat.sample(nanos, board.clock.nanoTime());
    Heat.sample(ways.computeIfAbsent(lane.source().way(), c -> new ReceiveTimes()), nanos);
  }

  /**
   * How long a queue may be silent before that proves it empty: by its own round trips, and, if its
   * last is long ago, by what any call takes now that goes the same way; or, before its first, by
   * those of another queue that is reached the same way.
   */
  long holdOf(Lane lane, long now) {
    ReceiveTimes own = lane.heat.times();
    if (own.isKnown() && lane.heat.isFresh(now)) {
      return hold.of(own);
    }
    ReceiveTimes way = lane.isKnown() ? ways.get(lane.source().way()) : null;
    if (way != null) {
      return own.isKnown() ? Math.max(hold.of(way), hold.of(own)) : hold.of(way);
    }
    if (!own.isKnown() && lane.isKnown()) {
      for (Lane other : board.lanes) {
        if (other.heat.times().isKnown() && other.source().way() == lane.source().way()) {
          return hold.of(other.heat.times());
        }
      }
    }
    return hold.of(own);
  }

  /** How long a receive of this queue takes that finds something; the first hold while unknown. */
  long roundTripOf(Lane lane, long now) {
    ReceiveTimes own = lane.heat.times();
    return own.isKnown() ? own.mean() : holdOf(lane, now);
  }

  boolean canAsk(Lane lane, long now) {
    return mayAskFor(lane, now) > 0;
  }

  /** How many messages a receive that is made now may ask for; 0 if none may be made. */
  int mayAskFor(Lane lane, long now) {
    return gate.messagesFor(lane, now);
  }

  /**
   * Lets a poller of this queue ask, if it may, and starts one if all others are out; false if it
   * may not. Lets no lack of memory escape, as who calls it is in the middle of something: the
   * {@link SilenceWatch} looks again.
   */
  boolean wakePoller(Lane lane, long now) {
    try {
      if (!canAsk(lane, now)) {
        return false;
      }
      if (lane.idlePollers > 0) {
        lane.mayAsk.signal();
      } else if (lane.pollers < lane.maxPollers && lane.startingPollers == 0) {
        startPoller(lane);
      }
    } catch (OutOfMemoryError e) {
      lane.lacksPoller = lane.pollers == 0;
    }
    return true;
  }

  /**
   * Waits until a poller of this queue may make a receive.
   *
   * @return the right to make it; null if the poller's thread is to end, which is noted
   */
  @Nullable Grant awaitGrant(Lane lane) throws InterruptedException {
    board.lock();
    try {
      long idleSince = board.clock.nanoTime();
      for (; ; ) {
        long now = board.clock.nanoTime();
        Grant grant = grant(lane, now);
        if (grant != null) {
          return grant;
        }
        int living = lane.pollers - lane.startingPollers;
        boolean extra = living > 1;
        // A poller more than receives were under way at once may stay: the one that brings an
        // answer is not idle yet when the next may ask. A surplus poller ends at once; otherwise
        // idle pollers would keep waking in turn and never time out.
        boolean surplus =
            extra && (now - idleSince >= IDLE || living > lane.receives.mostLately(now) + 1);
        if (!board.isOpen() || surplus) {
          lane.pollers--;
          if (lane.idlePollers > 0 && lane.blockedUntil != Long.MAX_VALUE) {
            // A poller that sleeps on may not know until when: it looks again.
            lane.mayAsk.signal();
          }
          return null;
        }
        long wait = lane.blockedUntil == Long.MAX_VALUE ? Long.MAX_VALUE : lane.blockedUntil - now;
        lane.idlePollers++;
        try {
          board.await(lane.mayAsk, extra ? Math.min(wait, IDLE) : wait);
        } finally {
          lane.idlePollers--;
        }
      }
    } finally {
      board.unlock();
    }
  }

  /** Waits before an awaited queue is looked for again; false if the listener stops. */
  boolean awaitNextLook(Lane lane, long nanos) throws InterruptedException {
    board.lock();
    try {
      if (!board.isOpen()) {
        return false;
      }
      board.await(lane.mayAsk, nanos);
      return true;
    } finally {
      board.unlock();
    }
  }

  /** Starts the first poller of each queue. */
  void startPollers() {
    board.lock();
    try {
      if (board.isOpen()) {
        board.lanes.forEach(this::startPoller);
      }
    } finally {
      board.unlock();
    }
  }

  /** Starts another poller thread for this queue. */
  void startPoller(Lane lane) {
    board.later(
        () -> {
          try {
            board.effects.startPoller(lane);
          } catch (RuntimeException | Error e) {
            pollerRefused(lane);
            throw e;
          }
        });
    lane.lacksPoller = false;
    if (lane.lastAnswerAt == Long.MIN_VALUE && lane.pollers == 0) {
      lane.lastBlockedAt = board.clock.nanoTime();
    }
    lane.pollers++;
    lane.startingPollers++;
  }

  /**
   * No thread could be had; a queue's only poller is started later, by the {@link SilenceWatch}.
   */
  private void pollerRefused(Lane lane) {
    board.lock();
    try {
      lane.startingPollers--;
      lane.pollers--;
      lane.lacksPoller = lane.pollers == 0;
    } finally {
      board.unlock();
    }
  }

  /** An awaited queue was found. */
  void found(Lane lane, Source source) {
    board.lock();
    try {
      lane.found(source);
    } finally {
      board.unlock();
    }
  }

  /** A poller's thread is about to look for itself. */
  void pollerStarted(Lane lane) {
    board.lock();
    try {
      lane.startingPollers--;
    } finally {
      board.unlock();
    }
  }

  /** A poller's thread ended. */
  void pollerEnded(Lane lane) {
    board.lock();
    try {
      lane.pollers--;
    } finally {
      board.unlock();
    }
  }

  /** Lets a poller that sleeps look again at why, and until when: its reason changed. */
  void pollersLookAgain(Lane lane) {
    lane.mayAsk.signalAll();
  }

  /** Memory came free. */
  void wakeForMemory(long now) {
    blocked.tryWithoutMemory(lane -> wakePoller(lane, now));
  }

  /**
   * A message of this queue waits no more, started or not: the queue has credit, or its breaker no
   * probe; and less keeps lower queues waiting.
   */
  void wakePollers(Lane lane, long now) {
    wakeForCredit(lane, now);
    blocked.tryGated(other -> wakePoller(other, now));
  }

  /** A handler of this queue ended, and another message has its slot already. */
  void handlerEnded(Lane lane, long now) {
    if (board.slots.isPlain(lane.bus)) {
      wakeForCredit(lane, now); // its pace may be another
    } else {
      blocked.tryWithoutCredit(other -> wakePoller(other, now)); // of a bus that was at its cap
    }
  }

  private void wakeForCredit(Lane lane, long now) {
    if (blocked.isWithoutCredit(lane)) {
      wakePoller(lane, now);
    }
  }

  /** A slot came free that nobody took: each queue has credit for it. */
  void wakePollersForSlot(long now) {
    blocked.tryWithoutCredit(lane -> wakePoller(lane, now));
    blocked.tryGated(lane -> wakePoller(lane, now));
  }

  /** The net under all these wake-ups: a queue that may be asked, and is not, is looked at. */
  void wakeUnasked(Lane lane, long now) {
    if (lane.receives.underWay() == 0 && lane.idlePollers > 0) {
      wakePoller(lane, now);
    }
  }
}
