package io.multisqs.internal;

import io.multisqs.Polling;
import io.multisqs.QueueStatus;
import java.util.Map;
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
  private final BlockedLanes blocked;

  /** The bus whose messages kept a queue waiting last: it is the likeliest to do so again. */
  private EventBus likeliest;

  ReceiveGate(Board board, BlockedLanes blocked) {
    this.board = board;
    this.blocked = blocked;
    this.likeliest = board.buses.get(0);
  }

  /** How many messages may be asked for now; 0 if none, with the reason in the lane. */
  int messagesFor(Lane lane, long now) {
    QueueStatus why = blockedWhateverTheDemand(lane, now);
    if (why != null) {
      if (why != QueueStatus.BACKING_OFF && why != QueueStatus.IDLE) {
        lane.lastBlockedAt = now;
      }
      return blocked(lane, why);
    }
    lane.blockedUntil = UNTIL_SIGNALLED;
    ReceiveTimes times = lane.heat.times();
    if (lane.receives.underWay() >= lane.receives.allowed(times, now)) {
      return blocked(lane, isBusy(lane) ? QueueStatus.BUSY : QueueStatus.IDLE);
    }
    int openSlots = Math.max(0, board.slots.openTo(lane.bus, lane.priority));
    if (board.ranking.gates() && higherWorkFills(openSlots, lane)) {
      lane.blockedBy = QueueStatus.GATED;
      lane.lastBlockedAt = now;
      blocked.waitsForHigherWork(lane);
      return 0;
    }
    int most = lane.config.maxMessagesPerReceive();
    int free = lane.credits.free(unclaimed(openSlots, lane, now), times);
    if (lane.breaker.isOpen()) {
      if (isProbed(lane)) {
        return withoutCredit(lane, QueueStatus.BREAKER_OPEN, now);
      }
      free = Math.min(free, 1);
    }
    if (lane.leaving() >= MOST_LEAVING) {
      return withoutMemory(lane, now);
    }
    if (free < lane.credits.worthAsking(most, times)) {
      return withoutCredit(lane, QueueStatus.NO_CREDIT, now);
    }
    int messages = board.receiving.fit(lane, Math.min(free, most));
    return messages > 0 ? messages : withoutMemory(lane, now);
  }

  private int withoutCredit(Lane lane, QueueStatus why, long now) {
    lane.lastBlockedAt = now;
    lane.blockedBy = why;
    blocked.waitsForCredit(lane);
    return 0;
  }

  private int withoutMemory(Lane lane, long now) {
    lane.lastBlockedAt = now;
    lane.blockedBy = QueueStatus.NO_CREDIT;
    blocked.waitsForMemory(lane);
    return 0;
  }

  /** What keeps a queue from being asked whatever it has here, or null; notes until when. */
  private @Nullable QueueStatus blockedWhateverTheDemand(Lane lane, long now) {
    lane.blockedUntil = UNTIL_SIGNALLED;
    if (!board.isOpen()) {
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
    if (lane.emptyPolls.hold(now)) {
      lane.blockedUntil = lane.emptyPolls.until();
      return QueueStatus.BACKING_OFF;
    }
    if (lane.config.polling() instanceof Polling.ShortPoll && lane.nextPollAt - now > 0) {
      lane.blockedUntil = lane.nextPollAt;
      return QueueStatus.IDLE;
    }
    return null;
  }

  /**
   * Whether at least as many higher messages wait, and may start, as there are open slots. Whatever
   * this is true for, it is for all of no higher priority that may take the same slots.
   */
  private boolean higherWorkFills(int openSlots, Lane lane) {
    int enough = Math.max(1, openSlots);
    int higher = higherWork(likeliest, lane.priority, openSlots, enough);
    for (int i = 0; i < board.buses.size() && higher < enough; i++) {
      EventBus bus = board.buses.get(i);
      if (bus != likeliest) {
        int here = higherWork(bus, lane.priority, openSlots, enough - higher);
        higher += here;
        likeliest = here > 0 ? bus : likeliest;
      }
    }
    return higher >= enough;
  }

  /**
   * How many higher messages wait on a bus that may take a slot that is open; with none open, that
   * may take the next. No more than enough are counted.
   */
  private int higherWork(EventBus bus, int priority, int openSlots, int enough) {
    if (bus.paused || bus.isAtCap()) {
      return 0;
    }
    int higher = 0;
    for (Map.Entry<Integer, Integer> level : bus.waitingAbove(priority).entrySet()) {
      if (higher >= enough || (openSlots > 0 && !board.slots.isOpenTo(bus, level.getKey()))) {
        break;
      }
      higher += level.getValue();
    }
    return higher;
  }

  /**
   * Of the open slots, those that no other message of this priority or a higher one will take,
   * which waits here or that another queue was just asked for: else each of many queues brings as
   * many as there are slots, and nearly all of those wait here, hidden from others.
   */
  private int unclaimed(int openSlots, Lane lane, long now) {
    if (openSlots == 0) {
      return 0;
    }
    int others = board.receiving.promisedToOthers(lane, now) - lane.credits.waiting();
    int enough = openSlots + lane.credits.waiting();
    for (EventBus bus : board.buses) {
      others += higherWork(bus, lane.priority - 1, openSlots, enough);
    }
    return Math.min(openSlots, Math.max(0, openSlots - others));
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

  /** By what nobody else's doing ends. */
  private static int blocked(Lane lane, QueueStatus why) {
    BlockedLanes.remove(lane);
    lane.blockedBy = why;
    return 0;
  }
}
