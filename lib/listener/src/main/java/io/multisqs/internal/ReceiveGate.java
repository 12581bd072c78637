package io.multisqs.internal;

import io.multisqs.Polling;
import io.multisqs.QueueStatus;
import org.jspecify.annotations.Nullable;

/**
 * Decides whether a queue may be received from now, and for how many messages; if not, it notes in
 * the lane why not and until when, and changes nothing else. Guarded by the board's lock.
 */
final class ReceiveGate {
  private static final long UNTIL_SIGNALLED = Long.MAX_VALUE;

  /**
   * Deletes or give-backs that fail for hours must not fill the heap with what they are for: from
   * here on the queue is not received from until some succeed.
   */
  private static final int MOST_LEAVING = 5_000;

  private final Board board;

  ReceiveGate(Board board) {
    this.board = board;
  }

  /** How many messages may be asked for now; 0 if none, with the reason in the lane. */
  int messagesFor(Lane lane, long now) {
    lane.waitsForMemory = false;
    QueueStatus blocked = blockedWhateverTheDemand(lane, now);
    if (blocked != null) {
      return blocked(lane, blocked);
    }
    lane.blockedUntil = UNTIL_SIGNALLED;
    ReceiveTimes times = lane.heat.times();
    if (lane.receives.underWay() >= lane.receives.allowed(times, now)) {
      return blocked(lane, isBusy(lane) ? QueueStatus.BUSY : QueueStatus.IDLE);
    }
    int openSlots = Math.max(0, board.slots.openTo(lane.bus, lane.priority));
    if (board.ranking.gates() && higherWorkFills(openSlots, lane)) {
      return blocked(lane, QueueStatus.GATED);
    }
    int most = lane.config.maxMessagesPerReceive();
    int free = lane.credits.free(openSlots, times);
    if (lane.breaker.isOpen()) {
      if (isProbed(lane)) {
        return blocked(lane, QueueStatus.BREAKER_OPEN);
      }
      free = Math.min(free, 1);
    }
    if (lane.leaving() >= MOST_LEAVING) {
      lane.waitsForMemory = true;
      return blocked(lane, QueueStatus.NO_CREDIT);
    }
    if (free < lane.credits.worthAsking(most, times)) {
      return blocked(lane, QueueStatus.NO_CREDIT);
    }
    int messages = board.receiving.fit(lane, Math.min(free, most));
    lane.waitsForMemory = messages == 0;
    return messages > 0 ? messages : blocked(lane, QueueStatus.NO_CREDIT);
  }

  /** What keeps a queue from being asked whatever it has here, or null; notes until when. */
  private @Nullable QueueStatus blockedWhateverTheDemand(Lane lane, long now) {
    lane.blockedUntil = UNTIL_SIGNALLED;
    if (!board.isReceiving()) {
      return QueueStatus.STOPPED;
    }
    if (!lane.isKnown()) {
      return QueueStatus.AWAITED;
    }
    if (lane.paused || lane.bus.paused) {
      return QueueStatus.PAUSED;
    }
    if (lane.breaker.isOpen() && lane.breaker.probeAt() - now > 0) {
      lane.blockedUntil = lane.breaker.probeAt();
      return QueueStatus.BREAKER_OPEN;
    }
    if (lane.backoff.holds(now)) {
      lane.blockedUntil = lane.backoff.until();
      return QueueStatus.BACKING_OFF;
    }
    if (lane.config.polling() instanceof Polling.ShortPoll && lane.nextPollAt - now > 0) {
      lane.blockedUntil = lane.nextPollAt;
      return QueueStatus.IDLE;
    }
    return null;
  }

  /** Whether at least as many higher messages wait, and may start, as there are open slots. */
  private boolean higherWorkFills(int openSlots, Lane lane) {
    int higher = 0;
    for (Lane other : board.lanes) {
      int above = other.waitingAbove(lane.priority);
      if (above > 0 && !other.paused && !other.shutOff && mayStart(other, openSlots)) {
        higher += above;
      }
    }
    return higher > 0 && higher >= openSlots;
  }

  /** Whether a slot that is open may be this queue's too; with none open, that it will be. */
  private boolean mayStart(Lane other, int openSlots) {
    return openSlots == 0
        ? !other.bus.paused && !other.bus.isAtCap()
        : board.slots.isOpenTo(other.bus, other.highestWaiting());
  }

  /** Whether a probe is out, or here; handlers from before the breaker opened are none. */
  private static boolean isProbed(Lane lane) {
    return lane.receives.underWay() > 0
        || lane.credits.waiting() > 0
        || lane.here.values().stream()
            .anyMatch(
                d ->
                    d.stage == Delivery.Stage.RUNNING && !lane.breaker.wasOpenedAfter(d.startedAt));
  }

  private static boolean isBusy(Lane lane) {
    return lane.credits.waiting() > 0 || lane.running > 0;
  }

  private static int blocked(Lane lane, QueueStatus why) {
    lane.blockedBy = why;
    return 0;
  }
}
