package io.multisqs.internal;

import org.jspecify.annotations.Nullable;

/**
 * Chooses what starts next: the best startable message across all buses (I1), unless the slots that
 * are free are likely to be filled by higher queues at once (I2). Guarded by the board's lock.
 */
final class Choice {
  private final Board board;
  private final HoldBudget budget;

  /** When to choose again though nothing happens; set by {@link #best}. */
  private long chooseAgainAt;

  // What the higher queues claim, found anew by each choice.
  private int unseen;
  private int backlog;
  private int chances;
  private long longestHold;
  private long longestRoundTrip;
  private long firstHoldEnds;
  private int higherRunning;
  private int lowestHigher;

  Choice(Board board, HoldBudget budget) {
    this.board = board;
    this.budget = budget;
  }

  /** The message to start now; null if there is none, or it is held back. */
  @Nullable Delivery best(long now) {
    chooseAgainAt = Long.MAX_VALUE;
    Delivery best = bestStartable(false);
    if (best == null || !board.ranking.holds()) {
      board.slotsHeld(0, now);
      return best;
    }
    int held = slotsHeldFrom(best, now);
    int free = board.slots.openTo(best.lane.bus, best.priority);
    if (free > held) {
      if (held == 0) {
        board.slotsHeld(0, now);
      }
      return best;
    }
    // A slot that is reserved for a bus is never held from that bus.
    Delivery reserved = bestStartable(true);
    if (reserved == null) {
      int atMost = Math.min(free, board.waitingInFront());
      board.slotsHeld(Math.min(atMost, held - unseen), now);
    }
    return reserved;
  }

  /** When to choose again though nothing happens; {@link Long#MAX_VALUE} for never. */
  long chooseAgainAt() {
    return chooseAgainAt;
  }

  private @Nullable Delivery bestStartable(boolean inReservedSlots) {
    Delivery best = null;
    for (EventBus bus : board.buses) {
      if (inReservedSlots && bus.unusedReserve() == 0) {
        continue;
      }
      Delivery candidate =
          bus.best(d -> board.slots.isOpenTo(d.lane.bus, d.priority), board.ranking.gates());
      if (candidate != null && (best == null || EventBus.before(candidate, best))) {
        best = candidate;
      }
    }
    return best;
  }

  /** How many free slots wait for queues whose next message would go before this one. */
  private int slotsHeldFrom(Delivery best, long now) {
    claimSlots(best, now);
    if (unseen + backlog + chances == 0) {
      return 0;
    }
    budget.slotsRunHigherWork(higherRunning, lowestHigher, now);
    int held = unseen;
    chooseAgainAt = firstHoldEnds;
    if (backlog > 0 && budget.allowsBacklog(backlog, longestHold, now)) {
      held += backlog;
      lookAgainAt(budget.lastsUntil(backlog + chances, true, longestHold, now));
    }
    if (chances > 0 && budget.allowsChance(chances, longestRoundTrip, now)) {
      held += chances;
      lookAgainAt(budget.lastsUntil(backlog + chances, false, longestHold, now));
    }
    return held;
  }

  private void lookAgainAt(long at) {
    chooseAgainAt = Math.min(chooseAgainAt, at);
  }

  /** Counts, by evidence, the slots that higher queues are likely to fill at once. */
  private void claimSlots(Delivery best, long now) {
    unseen = 0;
    backlog = 0;
    chances = 0;
    longestHold = 0;
    longestRoundTrip = 0;
    firstHoldEnds = Long.MAX_VALUE;
    higherRunning = 0;
    lowestHigher = Integer.MAX_VALUE;
    for (Lane lane : board.lanes) {
      if (lane != best.lane
          && Ranking.isBefore(board.ranking.wouldStamp(lane.priority, now), best.key)) {
        higherRunning += lane.running;
        lowestHigher = Math.min(lowestHigher, lane.priority);
        if (lane.heat.mayHold() && board.slots.isOpenTo(lane.bus, lane.priority)) {
          claimSlotsFor(lane, now);
        }
      }
    }
  }

  private void claimSlotsFor(Lane lane, long now) {
    long hold = board.receiving.holdOf(lane, now);
    int mayAsk = board.receiving.mayAskFor(lane, now);
    long until = lane.heat.holdsUntil(now, hold, mayAsk > 0);
    if (until - now <= 0) {
      lane.heat.coolIfSilent(now, hold);
      return;
    }
    int slots = Math.min(lane.heat.likely(mayAsk), board.slots.openTo(lane.bus, lane.priority));
    switch (lane.heat.evidence()) {
      case UNSEEN -> unseen += slots;
      case BACKLOG -> backlog += slots;
      case CHANCE -> chances += slots;
    }
    longestHold = Math.max(longestHold, hold);
    longestRoundTrip = Math.max(longestRoundTrip, board.receiving.roundTripOf(lane, now));
    firstHoldEnds = Math.min(firstHoldEnds, until);
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
