package io.multisqs.internal;

import io.multisqs.StopAccount;
import io.multisqs.StopAccount.Abandoned;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * The stop, in order and within a deadline (I15): no new receive and no new start; receives under
 * way are awaited, what they bring is released; then what the buses hold; handlers finish; deletes
 * and give-backs go out; the account is drawn up.
 *
 * <p>A queue's buffer is released only when none of its receives is under way: the receive would
 * bring it right back.
 */
final class StopSequence {
  private static final Log log = Log.of("io.multisqs.StopSequence");

  private static final Duration LONGEST_RESERVE = Duration.ofSeconds(2);

  private final Board board;
  private final Acknowledger acknowledger;
  private final GiveBacks giveBacks;
  private final HandlerLimits limits;
  private final LostLeases lostLeases;

  StopSequence(
      Board board,
      Acknowledger acknowledger,
      GiveBacks giveBacks,
      HandlerLimits limits,
      LostLeases lostLeases) {
    this.lostLeases = lostLeases;
    this.board = board;
    this.acknowledger = acknowledger;
    this.giveBacks = giveBacks;
    this.limits = limits;
  }

  StopAccount run(Duration deadline) throws InterruptedException {
    long startedAt = board.clock.nanoTime();
    long end = startedAt + deadline.toNanos();
    // A part is kept for what has to be said to SQS at the end.
    long reserve = Math.min(LONGEST_RESERVE.toNanos(), deadline.toNanos() / 4);
    shut();
    acknowledger.hurry();
    giveBacks.hurry();
    if (!awaitReceivesAndHandlers(end - reserve)) {
      limits.interruptAll();
    }
    long handlersDone = board.clock.nanoTime();
    awaitNothingHere(end);
    long now = board.clock.nanoTime();
    log.debug(
        "receives and handlers took {} ms to end, deletes and give-backs {} ms",
        (handlersDone - startedAt) / 1_000_000,
        (now - handlersDone) / 1_000_000);
    StopAccount account = account(now - startedAt, true);
    tellAbandoned();
    return account;
  }

  /** A handler that goes on is told that nobody keeps its message's lease any more. */
  private void tellAbandoned() {
    board.lock();
    try {
      for (Lane lane : board.lanes) {
        for (Delivery d : lane.here.values()) {
          if (d.stage == Delivery.Stage.RUNNING) {
            lostLeases.tell(d, "the listener stopped without it");
          }
        }
      }
    } finally {
      board.unlock();
    }
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

  /** Waits, and releases what waits of each queue that no receive can bring back. */
  private boolean awaitReceivesAndHandlers(long until) throws InterruptedException {
    for (; ; ) {
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
        long left = until - board.clock.nanoTime();
        if (release.isEmpty()) {
          if (quiet || left <= 0) {
            return quiet;
          }
          board.awaitEnd(left);
        }
      } finally {
        board.unlock();
      }
      release.forEach(this::release);
    }
  }

  /**
   * Waits until every delete and every give-back is confirmed, whoever was about to ask for it, and
   * releases whatever waits, though a receive still stands: there is no more time for it.
   */
  private void awaitNothingHere(long until) throws InterruptedException {
    for (; ; ) {
      List<Delivery> release = new ArrayList<>(0);
      board.lock();
      try {
        board.lanes.forEach(lane -> release.addAll(board.withdrawAll(lane)));
        long left = until - board.clock.nanoTime();
        if (release.isEmpty()) {
          if (left <= 0
              || board.lanes.stream().allMatch(lane -> lane.here.size() == lane.neverReturning)) {
            return;
          }
          board.awaitEnd(left);
        }
      } finally {
        board.unlock();
      }
      release.forEach(this::release);
    }
  }

  private void release(Delivery delivery) {
    giveBacks.release(delivery, "the listener stops");
  }

  /** What a stop will wait for, for people to read. */
  String awaited() {
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
    return "waiting for "
        + receives
        + " receive(s), each as long as its long poll, "
        + handlers
        + " handler(s) and "
        + leaving
        + " delete(s) and give-back(s); "
        + waiting
        + " waiting message(s) are given back";
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
