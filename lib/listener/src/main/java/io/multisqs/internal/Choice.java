package io.multisqs.internal;

import org.jspecify.annotations.Nullable;

/**
 * Chooses what starts next: the best startable message across all buses (I1), unless a higher queue
 * is hot (I2). Changes nothing but the lanes' heat. Guarded by the board's lock.
 */
final class Choice {
  private final Board board;

  /** Until when the best message is held back; meaningful after {@link #best} gave null. */
  private long heldUntil;

  Choice(Board board) {
    this.board = board;
  }

  /** The message to start now; null if there is none, or it is held back. */
  @Nullable Delivery best(long now) {
    heldUntil = Long.MAX_VALUE;
    Delivery best = bestStartable();
    if (best == null) {
      return null;
    }
    long until = heldUntil(best, now);
    if (until - now <= 0) {
      return best;
    }
    heldUntil = until;
    return null;
  }

  /** When to choose again though nothing happens; {@link Long#MAX_VALUE} for never. */
  long chooseAgainAt() {
    return heldUntil;
  }

  private @Nullable Delivery bestStartable() {
    Delivery best = null;
    for (EventBus bus : board.buses) {
      Delivery candidate =
          bus.best(d -> board.slots.isOpenTo(d.lane.bus, d.priority), board.ranking.gates());
      if (candidate != null && (best == null || EventBus.before(candidate, best))) {
        best = candidate;
      }
    }
    return best;
  }

  /** The latest hold of any queue whose next message would go before this one, and could start. */
  private long heldUntil(Delivery best, long now) {
    long until = now;
    if (!board.ranking.holds()) {
      return until;
    }
    for (Lane lane : board.lanes) {
      if (lane != best.lane
          && lane.heat.mayHold()
          && Ranking.isBefore(board.ranking.wouldStamp(lane.priority, now), best.key)
          && board.slots.isOpenTo(lane.bus, lane.priority)) {
        long laneUntil =
            lane.heat.holdsUntil(
                now, board.receiving.holdOf(lane, now), board.receiving.canAsk(lane, now));
        until = laneUntil - until > 0 ? laneUntil : until;
      }
    }
    return until;
  }

  /** Whether a message waits that goes before this one, cannot start, and could in its slot. */
  boolean higherWorkWaitsFor(Delivery running) {
    for (EventBus bus : board.buses) {
      Delivery head = bus.head();
      if (head != null
          && Ranking.isBefore(head.key, running.key)
          && !board.slots.isOpenTo(bus, head.priority)
          && board.slots.wouldBeOpenTo(bus, head.priority, running.lane.bus)) {
        return true;
      }
    }
    return false;
  }
}
