package io.multisqs.internal;

import io.multisqs.StopAccount;
import io.multisqs.StopAccount.Abandoned;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Decides what a stop may release and what it still waits for, and draws up its account (I15). A
 * part of the {@link Board}: it takes the board's lock.
 */
final class Stopping {
  /**
   * One look.
   *
   * @param release messages to give back before the next look
   * @param isOver whether nothing is left to wait for, or the time is over
   * @param isQuiet whether nothing is left to wait for
   */
  record Look(List<Delivery> release, boolean isOver, boolean isQuiet) {}

  /** What a stop has to wait for. */
  record Load(int receives, int handlers, int leaving, int waiting) {}

  private final Board board;

  Stopping(Board board) {
    this.board = board;
  }

  /** From here on nothing is received and nothing starts. */
  void shut() {
    board.lock();
    try {
      board.shut();
    } finally {
      board.unlock();
    }
  }

  /**
   * Takes out what waits of each queue that no receive is under way for, which would bring it right
   * back; or waits, to the end at most, until a receive or a handler ends.
   */
  Look awaitReceivesAndHandlers(long until) throws InterruptedException {
    List<Delivery> release = new ArrayList<>(0);
    board.lock();
    try {
      boolean quiet = true;
      for (Lane lane : board.lanes) {
        if (lane.receives.underWay() == 0) {
          release.addAll(board.withdrawAll(lane));
        }
        quiet &= lane.receives.underWay() == 0 && lane.running == lane.neverReturning;
      }
      return lookOrWait(release, quiet, until);
    } finally {
      board.unlock();
    }
  }

  /**
   * Takes out whatever waits, though a receive still stands; or waits, to the end at most, until a
   * delete or a give-back is confirmed.
   */
  Look awaitNothingHere(long until) throws InterruptedException {
    List<Delivery> release = new ArrayList<>(0);
    board.lock();
    try {
      board.lanes.forEach(lane -> release.addAll(board.withdrawAll(lane)));
      boolean quiet =
          board.lanes.stream().allMatch(lane -> lane.here.size() == lane.neverReturning);
      return lookOrWait(release, quiet, until);
    } finally {
      board.unlock();
    }
  }

  private Look lookOrWait(List<Delivery> release, boolean quiet, long until)
      throws InterruptedException {
    if (!release.isEmpty()) {
      return new Look(release, false, false);
    }
    long left = until - board.clock.nanoTime();
    if (quiet || left <= 0) {
      return new Look(release, true, quiet);
    }
    board.awaitEnd(left);
    return new Look(release, false, false);
  }

  /** Tells each handler that still runs that nobody keeps its message's lease any more. */
  void tellAbandoned() {
    board.lock();
    try {
      for (Lane lane : board.lanes) {
        for (Delivery d : lane.here.values()) {
          if (d.stage == Delivery.Stage.RUNNING) {
            board.leases.tell(d, "the listener stopped without it");
          }
        }
      }
    } finally {
      board.unlock();
    }
  }

  /** What a stop has to wait for now. */
  Load load() {
    int receives = 0;
    int handlers = 0;
    int leaving = 0;
    int waiting = 0;
    board.lock();
    try {
      for (Lane lane : board.lanes) {
        receives += lane.receives.underWay();
        handlers += lane.running;
        leaving += lane.leaving();
        waiting += lane.here.size() - lane.running - lane.leaving();
      }
    } finally {
      board.unlock();
    }
    return new Load(receives, handlers, leaving, waiting);
  }

  /** What every message came to. */
  StopAccount account(long elapsed, boolean complete) {
    List<Abandoned> abandoned = new ArrayList<>();
    Counters sum = new Counters();
    int receives = 0;
    board.lock();
    try {
      for (Lane lane : board.lanes) {
        sum.add(lane.counters);
        receives += lane.receives.underWay();
        for (Delivery d : lane.here.values()) {
          if (d.outcome != Outcome.DELETED_AGAIN) {
            abandoned.add(new Abandoned(lane.name(), d.id(), reason(d)));
          }
        }
      }
    } finally {
      board.unlock();
    }
    return new StopAccount(
        sum.received,
        sum.duplicates,
        sum.of(Outcome.HANDLED),
        sum.of(Outcome.RETRIED),
        sum.of(Outcome.DISCARDED),
        sum.of(Outcome.DEAD_LETTERED),
        sum.of(Outcome.RELEASED),
        sum.of(Outcome.LEASE_LOST),
        sum.of(Outcome.UNCONFIRMED),
        abandoned,
        receives,
        Duration.ofNanos(elapsed),
        complete);
  }

  private static String reason(Delivery d) {
    return switch (d.stage) {
      case RUNNING ->
          d.endsTheJvm ? "its handler called System.exit" : "its handler was still running";
      case DELETING -> "handled, but its delete was not confirmed";
      case GIVING_BACK -> "giving it back was not confirmed";
      case WAITING, CLOSED -> "waiting";
    };
  }
}
