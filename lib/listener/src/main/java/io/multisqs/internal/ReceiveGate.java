package io.multisqs.internal;

import io.multisqs.Polling;
import io.multisqs.QueueStatus;
import org.jspecify.annotations.Nullable;

/**
 * Decides whether a queue may be received from now, and for how many messages; if not, why not and
 * until when. Pure but for the reason that it notes in the lane. Guarded by the board's lock.
 */
final class ReceiveGate {
  private static final long UNTIL_SIGNALLED = Long.MAX_VALUE;

  private final Board board;

  ReceiveGate(Board board) {
    this.board = board;
  }

  /** How many messages may be asked for now; 0 if none, with the reason in the lane. */
  int messagesFor(Lane lane, long now) {
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
    if (openSlots == 0 && board.ranking.gates() && higherWorkWaits(lane, now)) {
      return blocked(lane, QueueStatus.GATED);
    }
    int most = lane.config.maxMessagesPerReceive();
    int free = lane.credits.free(openSlots, times);
    if (lane.breaker.isOpen()) {
      free = Math.min(free, isBusy(lane) || lane.receives.underWay() > 0 ? 0 : 1);
    }
    if (free < lane.credits.worthAsking(most, times)) {
      return blocked(lane, QueueStatus.NO_CREDIT);
    }
    int fit = board.bytes.roomFor(lane.expectedBytes);
    if (lane.credits.waiting() == 0 && lane.credits.requested() == 0) {
      fit = Math.max(1, fit);
    }
    int messages = Math.min(Math.min(free, most), fit);
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

  /** Whether a message waits, on any bus that may start one, that would go before this queue's. */
  private boolean higherWorkWaits(Lane lane, long now) {
    long key = board.ranking.wouldStamp(lane.priority, now);
    for (EventBus bus : board.buses) {
      Delivery head = bus.head();
      if (head != null && head.key < key && !bus.paused && !bus.isAtCap()) {
        return true;
      }
    }
    return false;
  }

  private static boolean isBusy(Lane lane) {
    return lane.credits.waiting() > 0 || lane.running > 0;
  }

  private static int blocked(Lane lane, QueueStatus why) {
    lane.blockedBy = why;
    return 0;
  }
}
